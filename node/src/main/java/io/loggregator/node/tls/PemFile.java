package io.loggregator.node.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Reads certificates or a private key out of a PEM file. Blocks of other kinds in it are passed over. */
final class PemFile {
    static final int LARGEST = 1 << 20;
    private static final int LEAST_RSA_BITS = 1024;
    private static final String KEYS =
            "an unencrypted private key in PEM: RSA of at least 1024 bits (PKCS#1 or PKCS#8) or EC (SEC1 or PKCS#8)";

    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS =
            Map.of(PKCSObjectIdentifiers.rsaEncryption, "RSA", X9ObjectIdentifiers.id_ecPublicKey, "EC");

    private PemFile() {}

    /** All certificates in the file, in its order, at least one. */
    static List<X509Certificate> certificates(Path file, String expected) throws InvalidTlsMaterial {
        JcaX509CertificateConverter converter = new JcaX509CertificateConverter();
        List<X509Certificate> certificates = new ArrayList<>();
        for (Object block : blocks(file, expected)) {
            if (block instanceof X509CertificateHolder holder) {
                try {
                    certificates.add(converter.getCertificate(holder));
                } catch (GeneralSecurityException e) {
                    throw new InvalidTlsMaterial(file, "holds a malformed certificate", expected);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new InvalidTlsMaterial(file, "holds no certificate", expected);
        }
        return certificates;
    }

    /** The first private key in the file. */
    static PrivateKey key(Path file) throws InvalidTlsMaterial {
        for (Object block : blocks(file, KEYS)) {
            if (block instanceof PEMEncryptedKeyPair || block instanceof PKCS8EncryptedPrivateKeyInfo) {
                throw new InvalidTlsMaterial(file, "the key is encrypted", KEYS);
            }
            if (block instanceof PEMKeyPair pair) {
                return usable(file, pair.getPrivateKeyInfo());
            }
            if (block instanceof PrivateKeyInfo info) {
                return usable(file, info);
            }
        }
        throw new InvalidTlsMaterial(file, "holds no private key", KEYS);
    }

    private static PrivateKey usable(Path file, PrivateKeyInfo info) throws InvalidTlsMaterial {
        String algorithm = ALGORITHMS.get(info.getPrivateKeyAlgorithm().getAlgorithm());
        if (algorithm == null) {
            throw new InvalidTlsMaterial(file, "a key of another kind", KEYS);
        }
        PrivateKey key;
        try {
            key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new InvalidTlsMaterial(file, "the key is malformed or on an unknown curve", KEYS);
        }
        if (key instanceof RSAPrivateKey rsa && rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
            throw new InvalidTlsMaterial(
                    file, "an RSA key of " + rsa.getModulus().bitLength() + " bits", KEYS);
        }
        return key;
    }

    private static List<Object> blocks(Path file, String expected) throws InvalidTlsMaterial {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LARGEST + 1);
        } catch (IOException e) {
            throw new InvalidTlsMaterial(file, "cannot be read", expected);
        }
        if (bytes.length > LARGEST) {
            throw new InvalidTlsMaterial(file, "larger than 1 MiB", expected);
        }
        List<Object> blocks = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(new String(bytes, StandardCharsets.ISO_8859_1)))) {
            for (Object block = parser.readObject(); block != null; block = parser.readObject()) {
                blocks.add(block);
            }
        } catch (IOException | RuntimeException e) {
            // What the parser says may quote the key.
            throw new InvalidTlsMaterial(file, "malformed PEM", expected);
        }
        return blocks;
    }
}
