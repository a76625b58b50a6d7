package io.loggregator.nozzle;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom a nozzle trusts, and what it shows for itself. Immutable. Files are read when a connection is made, so that
 * certificates can be replaced while a nozzle runs.
 */
public final class TlsOptions {
    private static final char[] NO_PASSWORD = {};

    private interface Trust {
        /** Null stands for what Java trusts. */
        TrustManager[] managers() throws GeneralSecurityException, IOException;
    }

    private final Trust trust;
    private final Path certificate;
    private final Path key;

    private TlsOptions(Trust trust, Path certificate, Path key) {
        this.trust = trust;
        this.certificate = certificate;
        this.key = key;
    }

    /** Trusts the authorities that Java trusts. */
    public static TlsOptions system() {
        return new TlsOptions(() -> null, null, null);
    }

    /** Trusts the authorities in a PEM file, and no others. */
    public static TlsOptions trusting(Path caFile) {
        return new TlsOptions(() -> trustManagers(Pem.certificates(caFile)), null, null);
    }

    /** Trusts these authorities, and no others. */
    public static TlsOptions trusting(List<X509Certificate> authorities) {
        List<X509Certificate> copy = List.copyOf(authorities);
        return new TlsOptions(() -> trustManagers(copy), null, null);
    }

    /**
     * Trusts whoever answers, whatever its name: anybody on the way can read the token and the stream. For a trial on one
     * machine, and for nothing else.
     */
    public static TlsOptions insecurelyTrustEverything() {
        return new TlsOptions(() -> new TrustManager[] {new Everything()}, null, null);
    }

    /**
     * The same, with a certificate to show to the server.
     *
     * @param certificateFile the certificate and those that lead to its authority, in PEM
     * @param keyFile its private key, PEM in PKCS #8 ({@code BEGIN PRIVATE KEY}), not encrypted
     */
    public TlsOptions withClientCertificate(Path certificateFile, Path keyFile) {
        return new TlsOptions(trust, certificateFile, keyFile);
    }

    /**
     * A context made of these options, as the files are now. Trust in everything includes every name.
     *
     * @throws TlsException a file cannot be read or has something else in it
     */
    public SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(certificate == null ? null : keyManagers(), trust.managers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new TlsException("the TLS options cannot be used: " + e.getMessage(), e);
        }
    }

    private KeyManager[] keyManagers() throws GeneralSecurityException, IOException {
        Certificate[] chain = Pem.certificates(certificate).toArray(Certificate[]::new);
        PrivateKey privateKey = Pem.privateKey(key, chain[0].getPublicKey().getAlgorithm());
        KeyStore store = emptyStore();
        store.setKeyEntry("nozzle", privateKey, NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        // PKCS12, the default, would derive a key from the password by 10,000 rounds for each entry.
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        return store;
    }

    /** Extended, because Java adds the check of the name to every other kind. */
    private static final class Everything extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
