package io.loggregator.node.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;

/** A pair of RSA keys for trials: one signs tokens, the other checks them. */
public final class SigningKey {
    private final KeyPair pair = KeyKind.RSA_2048.newPair();

    /**
     * Writes {@code name.key} (PKCS#8, readable by the owner only where the file system can say so) and {@code name.pub},
     * both in PEM, into the directory, which is made if missing; existing files are replaced whole.
     */
    public void writeTo(Path directory, String name) throws IOException {
        Files.createDirectories(directory);
        PemFiles.replace(
                directory.resolve(name + ".key"),
                PemFiles.pem("PRIVATE KEY", pair.getPrivate().getEncoded()),
                "rw-------");
        PemFiles.replace(
                directory.resolve(name + ".pub"),
                PemFiles.pem("PUBLIC KEY", pair.getPublic().getEncoded()),
                "rw-r--r--");
    }
}
