package io.loggregator.node.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsReferenceTest {
    private static final List<Setting<?>> DECLARED = List.of(
            Setting.port("ROUTER_PORT", 8082, "Where agents send envelopes | batches."),
            Setting.file("ROUTER_CERT_FILE", "The certificate.").required(),
            Setting.text("TOKEN", "sesame", "The token.").secret(),
            Setting.integer("LOOPS", 7, 1, 256, "Event loops.").withDefaultTold("half the processors"),
            Setting.obsolete("INGRESS_BUFFER_SIZE", "the log takes its place"));

    @Test
    void markdownHasARowPerSettingAndKeepsSecretDefaultsOut() {
        assertThat(SettingsReference.markdown("Doppler", DECLARED)).isEqualTo("""
                ## Doppler

                | setting | value | default | meaning |
                | --- | --- | --- | --- |
                | `ROUTER_PORT` | a port, 0 to 65535 | `8082` | Where agents send envelopes \\| batches. |
                | `ROUTER_CERT_FILE` | a file that exists and can be read | required | The certificate. |
                | `TOKEN` | some text (secret, never shown) | – | The token. |
                | `LOOPS` | a whole number, 1 to 256 | half the processors | Event loops. |

                Accepted without effect, with a warning:

                | setting | why |
                | --- | --- |
                | `INGRESS_BUFFER_SIZE` | the log takes its place |
                """);
    }

    @Test
    void aDefaultToldInWordsIsStillTheDefault() {
        assertThat(Setting.integer("LOOPS", 7, 1, 256, "")
                        .withDefaultTold("half the processors")
                        .defaultValue())
                .contains(7);
    }

    @Test
    void plainTextFitsTheTerminal() {
        String text = SettingsReference.plain(DECLARED, 40);
        assertThat(text).startsWith("""
                  ROUTER_PORT  (default 8082)
                      Where agents send envelopes |
                      batches. Takes a port, 0 to 65535.
                  ROUTER_CERT_FILE  (required)
                """);
        assertThat(text)
                .contains("  INGRESS_BUFFER_SIZE  (no effect)\n      the log takes its place\n")
                .doesNotContain("sesame");
        assertThat(text.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(40));
    }
}
