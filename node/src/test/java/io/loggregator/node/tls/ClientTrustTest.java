package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientTrustTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private static CertificateAuthority authority;
    private static KeyPair pair;

    @BeforeAll
    static void createAuthority() {
        authority = CertificateAuthority.create("test CA");
        pair = KeyKind.EC_P256.newPair();
    }

    @ParameterizedTest
    @CsvSource({
        "metron, other, metron, true",
        "METRON, other, metron, true",
        "other, metron, Metron, true",
        "other, metron.example, metron, false",
        "*, *, metron, false",
        "metronx, xmetron, metron, false"
    })
    void aClientIsKnownByItsCommonNameOrADnsName(String commonName, String dnsName, String expected, boolean known) {
        RefusedCertificate refused = refused(certificate(commonName, List.of(dnsName), HOUR), List.of("a", expected));
        assertThat(refused == null).isEqualTo(known);
        if (!known) {
            assertThat(refused.refusal()).isEqualTo(HandshakeRefusal.NAME);
            assertThat(refused).hasMessageContaining("has none of the names ");
        }
    }

    @Test
    void withoutExpectedNamesTheAuthorityDecides() {
        X509Certificate anybody = certificate("anybody", List.of(), HOUR);
        assertThatCode(() -> trust(List.of()).checkClientTrusted(new X509Certificate[] {anybody}, "EC"))
                .doesNotThrowAnyException();
        X509Certificate foreign = CertificateAuthority.create("test CA")
                .issue("anybody", List.of(), List.of(), KeyKind.EC_P256, HOUR)
                .certificate();
        assertThat(refused(foreign, List.of()).refusal()).isEqualTo(HandshakeRefusal.AUTHORITY);
    }

    @Test
    void whatWasRefusedIsToldInOneShortLine() {
        String name = "metron\r\nfake line " + "x".repeat(10_000);
        RefusedCertificate refused = refused(certificate(name, List.of(), HOUR.negated()), List.of());
        assertThat(refused.refusal()).isEqualTo(HandshakeRefusal.EXPIRED);
        assertThat(refused.getMessage())
                .startsWith("the certificate of CN=metron")
                .contains("expired at")
                .doesNotContainPattern("\\p{Cntrl}")
                .hasSizeLessThan(300);
    }

    private static RefusedCertificate refused(X509Certificate certificate, List<String> names) {
        return catchThrowableOfType(
                RefusedCertificate.class,
                () -> trust(names).checkClientTrusted(new X509Certificate[] {certificate}, "EC"));
    }

    private static ClientTrust trust(List<String> names) {
        return new ClientTrust(Jsse.trust(List.of(authority.certificate())), names);
    }

    private static X509Certificate certificate(String commonName, List<String> names, Duration validity) {
        Instant now = Instant.now();
        return authority
                .issue(commonName, names, List.of(), pair, now.minus(HOUR.multipliedBy(2)), now.plus(validity))
                .certificate();
    }
}
