package io.loggregator.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerNameTest {
    private static CertificateAuthority authority;
    private static KeyPair pair;

    @BeforeAll
    static void createAuthority() {
        authority = CertificateAuthority.create("test CA");
        pair = KeyKind.EC_P256.newPair();
    }

    @ParameterizedTest
    @CsvSource({
        "doppler, doppler, true",
        "DOPPLER, doppler, true",
        "doppler, Doppler, true",
        "doppler., doppler, true",
        "doppler, metron, false",
        "doppler, doppler.example.org, false",
        "doppler.example.org, doppler, false",
        "*.example.org, a.example.org, true",
        "*.example.org, a.b.example.org, false",
        "*.example.org, example.org, false",
        "*.org, example.org, false",
        "a*.example.org, ab.example.org, false",
        "*, doppler, false"
    })
    void aDnsNameMustBeTheExpectedOne(String inCertificate, String expected, boolean borne) {
        assertThat(bears(certificate("other", List.of("first", inCertificate), List.of()), expected))
                .isEqualTo(borne);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1, true",
        "127.0.0.1, 127.0.0.2, false",
        "::1, 0:0:0:0:0:0:0:1, true",
        "::1, ::2, false"
    })
    void anAddressMustBeTheExpectedOne(String inCertificate, String expected, boolean borne) {
        assertThat(bears(certificate("other", List.of("doppler"), List.of(inCertificate)), expected))
                .isEqualTo(borne);
    }

    @Test
    void anAddressIsNotLookedForAmongTheDnsNames() {
        assertThat(bears(certificate("other", List.of("127.0.0.1"), List.of()), "127.0.0.1"))
                .isFalse();
    }

    @Test
    void theCommonNameCountsOnlyWithoutAlternativeNames() {
        assertThat(bears(certificate("doppler", List.of(), List.of()), "doppler"))
                .isTrue();
        assertThat(bears(certificate("metron", List.of(), List.of()), "doppler"))
                .isFalse();
        assertThat(bears(certificate("doppler", List.of("other"), List.of()), "doppler"))
                .isFalse();
        assertThat(bears(certificate("doppler", List.of(), List.of("10.0.0.1")), "doppler"))
                .isFalse();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void thereMustBeAName(String name) {
        assertThatThrownBy(() -> new ServerName(name)).isInstanceOf(IllegalArgumentException.class);
    }

    private static boolean bears(X509Certificate certificate, String expected) {
        try {
            new ServerName(expected).check(certificate);
            return true;
        } catch (CertificateException e) {
            assertThat(e).hasMessageContaining("is not for");
            return false;
        }
    }

    private static X509Certificate certificate(String commonName, List<String> names, List<String> ips) {
        Instant now = Instant.now();
        return authority
                .issue(commonName, names, ips, pair, now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)))
                .certificate();
    }
}
