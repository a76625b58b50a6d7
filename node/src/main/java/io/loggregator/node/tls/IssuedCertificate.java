package io.loggregator.node.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * A certificate and its private key, fresh from a {@link CertificateAuthority}.
 *
 * @param certificate without its issuer's
 * @param key unencrypted
 */
public record IssuedCertificate(X509Certificate certificate, PrivateKey key) {
    /**
     * Writes {@code name.crt} and {@code name.key} (PKCS#8, readable by the owner only where the file system can say so)
     * into the directory, which is made if missing; existing files are replaced whole.
     */
    public PemFiles writeTo(Path directory, String name) throws IOException {
        return PemFiles.write(directory, name, certificate, key);
    }

    /** Shows whose certificate it is, never the key. */
    @Override
    public String toString() {
        return "certificate of " + certificate.getSubjectX500Principal();
    }
}
