package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.process.ExitCodes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
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
                    .contains(role.getValue(), "localhost", "127.0.0.1")
                    .hasSize(role.getKey().equals("trafficcontroller") ? 4 : 3);
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(made.resolve(role.getKey() + ".key"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void whatIsThereIsKeptUnlessForced() throws IOException {
        Files.writeString(directory.resolve("edge.key"), "mine");
        CommandRun careful = CommandRun.of("certs", directory.toString());
        assertThat(careful.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(careful.err()).contains("edge.key is there already");
        assertThat(directory.resolve("edge.key")).hasContent("mine");
        assertThat(directory.resolve("ca.crt")).doesNotExist();

        assertThat(CommandRun.of("certs", directory.toString(), "--force").status())
                .isZero();
        assertThat(directory.resolve("edge.key")).content().startsWith("-----BEGIN");
    }

    @Test
    void furtherNamesAreInTheCertificatesOfWhatIsDialled() throws Exception {
        CommandRun certs = CommandRun.of(
                "certs",
                directory.toString(),
                "--dns",
                "logs.example.org",
                "--dns",
                "*.logs.example.org",
                "--ip",
                "10.0.0.1",
                "--ip",
                "::1");
        assertThat(certs.status()).as(certs.err()).isZero();
        for (String role : List.of("doppler", "edge")) {
            assertThat(names(role))
                    .containsExactly(
                            role,
                            "localhost",
                            "logs.example.org",
                            "*.logs.example.org",
                            "127.0.0.1",
                            "10.0.0.1",
                            "0:0:0:0:0:0:0:1");
        }
        assertThat(names("trafficcontroller"))
                .contains("trafficcontroller", "reverselogproxy", "logs.example.org", "10.0.0.1");
        assertThat(names("agent")).containsExactly("metron", "localhost", "127.0.0.1");
        assertThat(Files.readString(directory.resolve("edge.key"))).startsWith("-----BEGIN PRIVATE KEY-----");
    }

    @Test
    void whatIsNoNameOrAddressIsAUsageError() {
        for (String[] wrong : List.of(
                new String[] {"--dns", "with space"},
                new String[] {"--dns", ""},
                new String[] {"--ip", "logs.example.org"},
                new String[] {"--days", "0"})) {
            assertThat(CommandRun.of("certs", directory.toString(), wrong[0], wrong[1])
                            .status())
                    .isEqualTo(ExitCodes.USAGE);
        }
        assertThat(CommandRun.of("certs", directory.toString(), "--force", "--if-missing")
                        .status())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatIsMissingIsMadeAndTheRestStays() throws Exception {
        assertThat(ifMissing().status()).isZero();
        X509Certificate authority = read(directory.resolve("ca.crt"));
        X509Certificate doppler = read(directory.resolve("doppler.crt"));

        CommandRun again = ifMissing();
        assertThat(again.status()).isZero();
        assertThat(again.out()).isEmpty();

        X509Certificate edge = read(directory.resolve("edge.crt"));
        Files.delete(directory.resolve("edge.key"));
        assertThat(ifMissing().status()).isZero();
        assertThat(read(directory.resolve("ca.crt"))).isEqualTo(authority);
        assertThat(read(directory.resolve("doppler.crt"))).isEqualTo(doppler);
        X509Certificate anew = read(directory.resolve("edge.crt"));
        assertThat(anew).isNotEqualTo(edge);
        anew.verify(authority.getPublicKey());
    }

    @Test
    void nothingIsSignedWithoutTheAuthorityThatSignedTheRest() throws Exception {
        assertThat(ifMissing().status()).isZero();
        Files.delete(directory.resolve("ca.key"));
        assertThat(ifMissing().status()).isZero(); // fails only when something is to be signed
        Files.delete(directory.resolve("agent.crt"));
        CommandRun without = ifMissing();
        assertThat(without.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(without.err()).contains("ca.key").contains("--force");
    }

    private CommandRun ifMissing() {
        return CommandRun.of("certs", directory.toString(), "--if-missing");
    }

    private List<String> names(String role) throws Exception {
        return read(directory.resolve(role + ".crt")).getSubjectAlternativeNames().stream()
                .map(entry -> entry.get(1).toString())
                .toList();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "");
        CommandRun certs = CommandRun.of("certs", file.resolve("below").toString());
        assertThat(certs.status()).isEqualTo(ExitCodes.FAILED);
        assertThat(certs.err()).contains(file.resolve("below").toString());
    }

    private static X509Certificate read(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
