package io.loggregator.node.tls;

import static java.math.BigInteger.ONE;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Keys and certificates in the shapes that the JDK's TLS wants. */
final class Jsse {
    // Protects nothing: the store never leaves this process's memory, but its format asks for one.
    private static final char[] PASSWORD = "memory".toCharArray();

    private Jsse() {}

    static KeyManagerFactory keyManagers(PrivateKey key, List<X509Certificate> chain) {
        try {
            KeyStore store = emptyStore();
            store.setKeyEntry("node", key, PASSWORD, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, PASSWORD);
            return factory;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot hold keys in memory", e);
        }
    }

    static X509TrustManager trust(List<X509Certificate> authorities) {
        try {
            KeyStore store = emptyStore();
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    return x509;
                }
            }
            throw new IllegalStateException("this Java has no X.509 trust manager");
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot hold certificates in memory", e);
        }
    }

    /** Whether the public key verifies what the private key signs. */
    static boolean belongTogether(PrivateKey key, PublicKey certified) {
        if (!key.getAlgorithm().equals(certified.getAlgorithm())) {
            return false;
        }
        // The JDK signs with RSA before it has compiled anything: slow enough to be seen in a server's start.
        return key instanceof RSAPrivateCrtKey rsa
                ? certified instanceof RSAPublicKey rsaPublic && isPrivateHalf(rsa, rsaPublic)
                : signsForIt(key, certified);
    }

    /** By the equations of RFC 8017, 3.2, which hold for every sound key and its public half only. */
    private static boolean isPrivateHalf(RSAPrivateCrtKey key, RSAPublicKey certified) {
        BigInteger p = key.getPrimeP();
        BigInteger q = key.getPrimeQ();
        BigInteger e = certified.getPublicExponent();
        return p.compareTo(ONE) > 0
                && q.compareTo(ONE) > 0
                && p.multiply(q).equals(certified.getModulus())
                && key.getModulus().equals(certified.getModulus())
                && isOne(e.multiply(key.getPrimeExponentP()), p.subtract(ONE))
                && isOne(e.multiply(key.getPrimeExponentQ()), q.subtract(ONE))
                && isOne(e.multiply(key.getPrivateExponent()), p.subtract(ONE))
                && isOne(e.multiply(key.getPrivateExponent()), q.subtract(ONE))
                && isOne(q.multiply(key.getCrtCoefficient()), p);
    }

    private static boolean isOne(BigInteger number, BigInteger modulus) {
        return number.mod(modulus).equals(ONE);
    }

    private static boolean signsForIt(PrivateKey key, PublicKey certified) {
        try {
            String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
            byte[] text = "these belong together".getBytes(StandardCharsets.US_ASCII);
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(text);
            Signature verifying = Signature.getInstance(algorithm);
            verifying.initVerify(certified);
            verifying.update(text);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        // PKCS12, the default, would derive a key from that password by 10,000 rounds for each entry: half a second.
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        return store;
    }
}
