package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateAuthorityTest {
    // Making an RSA key takes its time, so all tests share it.
    private static final CertificateAuthority AUTHORITY = CertificateAuthority.create("loggregator CA");

    @TempDir
    Path dir;

    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void whatItIssuesIsSignedByItForTheNamesAskedFor(KeyKind kind) throws Exception {
        IssuedCertificate issued = AUTHORITY.issue(
                "doppler", List.of("doppler", "localhost"), List.of("127.0.0.1", "::1"), kind, Duration.ofDays(90));
        X509Certificate certificate = issued.certificate();
        certificate.verify(AUTHORITY.certificate().getPublicKey());
        certificate.checkValidity();
        assertThat(certificate.getNotAfter().toInstant())
                .isCloseTo(Instant.now().plus(Duration.ofDays(90)), within(5, ChronoUnit.MINUTES));
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(name -> (Object) name.get(1))
                .containsExactly("doppler", "localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(issued.toString()).isEqualTo("certificate of CN=doppler");
    }

    @Test
    void itsOwnCertificateIsAnAuthoritys() throws Exception {
        X509Certificate own = AUTHORITY.certificate();
        own.verify(own.getPublicKey());
        assertThat(own.getBasicConstraints()).isZero();
        assertThat(own.getKeyUsage()[5]).isTrue();
    }

    @Test
    void serialNumbersDiffer() {
        List<IssuedCertificate> two = List.of(issue("a"), issue("b"));
        assertThat(two.get(0).certificate().getSerialNumber())
                .isPositive()
                .isNotEqualTo(two.get(1).certificate().getSerialNumber());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void keysAreReadableByTheirOwnerOnlyEvenWhenTheyReplaceOthers() throws Exception {
        Path old = Files.writeString(dir.resolve("node.key"), "old");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rw-rw-rw-"));
        PemFiles files = issue("doppler").writeTo(dir, "node");
        assertThat(files).isEqualTo(new PemFiles(dir.resolve("node.crt"), old));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.key())))
                .isEqualTo("rw-------");
        assertThat(Files.readString(files.key())).startsWith("-----BEGIN PRIVATE KEY-----\n");
        try (var left = Files.list(dir)) {
            assertThat(left).containsExactlyInAnyOrder(files.certificate(), files.key());
        }
    }

    @Test
    void theDirectoryIsMade() throws Exception {
        PemFiles files = AUTHORITY.writeTo(dir.resolve("a/b"), "ca");
        assertThat(TlsMaterial.load(files.certificate(), files.key(), files.certificate())
                        .chain())
                .containsExactly(AUTHORITY.certificate());
    }

    private IssuedCertificate issue(String name) {
        return AUTHORITY.issue(name, List.of(name), List.of(), KeyKind.EC_P256, Duration.ofDays(1));
    }
}
