package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertsCommandTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"doppler, doppler", "trafficcontroller, trafficcontroller", "agent, metron", "edge, edge"})
    void everyRoleGetsACertificateForItsNameAndTheMachineItself(String file, String name) throws Exception {
        Path made = directory.resolve("new/certs");
        assertThat(CommandRun.of("certs", made.toString()).status()).isZero();
        X509Certificate certificate = read(made.resolve(file + ".crt"));
        certificate.verify(read(made.resolve("ca.crt")).getPublicKey());
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=" + name);
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(entry -> entry.get(1).toString())
                .containsExactlyInAnyOrder(name, "localhost", "127.0.0.1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made.resolve(file + ".key"))))
                .isEqualTo("rw-------");
    }

    @Test
    void whatIsThereIsKeptUnlessForced() throws IOException {
        Files.writeString(directory.resolve("edge.key"), "mine");
        CommandRun careful = CommandRun.of("certs", directory.toString());
        assertThat(careful.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(careful.err()).contains("edge.key is there already");
        assertThat(directory).isDirectoryContaining(file -> file.endsWith("edge.key"));
        assertThat(directory.resolve("ca.crt")).doesNotExist();

        assertThat(CommandRun.of("certs", directory.toString(), "--force").status())
                .isZero();
        assertThat(directory.resolve("edge.key")).content().startsWith("-----BEGIN");
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        CommandRun certs = CommandRun.of("certs", file.resolve("below").toString());
        assertThat(certs.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(certs.err()).contains(file.resolve("below").toString());
    }

    private static X509Certificate read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
