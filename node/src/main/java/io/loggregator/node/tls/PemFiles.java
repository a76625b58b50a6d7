package io.loggregator.node.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * Where a certificate and its key were written.
 *
 * @param certificate the certificate in PEM
 * @param key the private key in PEM, PKCS#8
 */
public record PemFiles(Path certificate, Path key) {
    static PemFiles write(Path directory, String name, X509Certificate certificate, PrivateKey key) throws IOException {
        Files.createDirectories(directory);
        Path certificateFile = directory.resolve(name + ".crt");
        Path keyFile = directory.resolve(name + ".key");
        try {
            replace(keyFile, pem("PRIVATE KEY", key.getEncoded()), "rw-------");
            replace(certificateFile, pem("CERTIFICATE", certificate.getEncoded()), "rw-r--r--");
        } catch (CertificateEncodingException e) {
            throw new IOException("cannot encode the certificate", e);
        }
        return new PemFiles(certificateFile, keyFile);
    }

    /** Writes beside and moves over, so that nobody reads half a file and a key never has wider permissions. */
    static void replace(Path file, String content, String permissions) throws IOException {
        FileStore store = Files.getFileStore(file.toAbsolutePath().getParent());
        FileAttribute<?>[] attributes = store.supportsFileAttributeView("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
        Path beside =
                Files.createTempFile(file.toAbsolutePath().getParent(), "." + file.getFileName(), ".new", attributes);
        try {
            Files.writeString(beside, content, StandardCharsets.US_ASCII);
            Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    static String pem(String type, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        }
        return text.toString();
    }
}
