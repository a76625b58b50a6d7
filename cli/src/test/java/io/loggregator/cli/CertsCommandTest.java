package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.cli.terminal.ExitStatus;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertsCommandTest {
    @TempDir
    private Path directory;

    @Test
    void everyRoleGetsACertificateForItsNameAndTheMachineItself() throws Exception {
        Path made = directory.resolve("new/certs");
        assertThat(CommandRun.of("certs", made.toString()).status()).isZero();
        Map<String, String> nameByFile = Map.of(
                "doppler", "doppler", "trafficcontroller", "trafficcontroller", "agent", "metron", "edge", "edge");
        for (Map.Entry<String, String> role : nameByFile.entrySet()) {
            X509Certificate certificate = read(made.resolve(role.getKey() + ".crt"));
            certificate.verify(read(made.resolve("ca.crt")).getPublicKey());
            assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=" + role.getValue());
            assertThat(certificate.getSubjectAlternativeNames())
                    .extracting(entry -> entry.get(1).toString())
                    .containsExactlyInAnyOrder(role.getValue(), "localhost", "127.0.0.1");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(made.resolve(role.getKey() + ".key"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void whatIsThereIsKeptUnlessForced() throws IOException {
        Files.writeString(directory.resolve("edge.key"), "mine");
        CommandRun careful = CommandRun.of("certs", directory.toString());
        assertThat(careful.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(careful.err()).contains("edge.key is there already");
        assertThat(directory.resolve("edge.key")).hasContent("mine");
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
