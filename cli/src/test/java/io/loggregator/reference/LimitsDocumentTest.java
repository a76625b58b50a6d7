package io.loggregator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/limits.md} names settings, their defaults and metrics as the generated documents have them. */
class LimitsDocumentTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern SETTING = Pattern.compile("(?m)^\\|[^|]+\\| `([A-Z_]+)` \\| `([^`]+)` \\|");
    private static final Pattern METRIC = Pattern.compile("(Dopplers count it: )?`([a-z0-9_]+_(?:total|bytes))`");
    private static final Pattern LIMIT = Pattern.compile("(?m)^\\| (?!limit |---).*\\| ([^|]+) \\|$");

    @Test
    void settingsAreThoseOfTheirServerWithTheirDefaults() throws IOException {
        int found = 0;
        for (String[] heads : new String[][] {
            {"Doppler", "Doppler"},
            {"Traffic Controller", "Traffic Controller"},
            {"Reverse Log Proxy (`rlp`)", "Reverse Log Proxy (`rlp`)"},
            {"Access", "Traffic Controller"},
            {"Access", "Reverse Log Proxy (`rlp`)"}
        }) {
            String settings = section("settings.md", heads[1]);
            Matcher row = SETTING.matcher(section("limits.md", heads[0]));
            while (row.find()) {
                found++;
                assertThat(settings)
                        .containsPattern("\n\\| `" + row.group(1) + "` \\|[^\n]*\\| `" + row.group(2) + "` \\|");
            }
        }
        assertThat(found).isGreaterThan(15);
    }

    /** By their names; those of other kinds that end alike are left out. */
    @Test
    void settingsThatAreLimitsAreThere() throws IOException {
        Pattern limit = Pattern.compile(
                "(?m)^\\| `((?!JWT_|FIREHOSE_G|STOP_)[A-Z0-9_]*(?:_BYTES|_TIMEOUT|_STREAMS|_CONNECTIONS|_RESETS|_SELECTORS"
                        + "|_LENGTH|_VALUES|_ENTRIES|_STEPS|_PING_AFTER|MAX_[A-Z_]+))` \\|");
        int found = 0;
        for (String[] heads : new String[][] {
            {"Doppler", "Doppler"},
            {"Traffic Controller", "Traffic Controller"}
        }) {
            String limits = section("limits.md", heads[1]) + section("limits.md", "Access");
            Matcher setting = limit.matcher(section("settings.md", heads[0]));
            while (setting.find()) {
                found++;
                assertThat(limits).contains("`" + setting.group(1) + "`");
            }
        }
        assertThat(found).isGreaterThan(30);
    }

    @Test
    void metricsAreThoseOfTheirServer() throws IOException {
        int found = 0;
        String dopplers = section("metrics.md", "Doppler");
        for (String[] heads : new String[][] {
            {"Doppler", "Doppler"},
            {"Traffic Controller", "Traffic Controller"},
            {"Reverse Log Proxy (`rlp`)", "Traffic Controller"},
            {"Access", "Traffic Controller"}
        }) {
            String metrics = section("metrics.md", heads[1]);
            Matcher metric = METRIC.matcher(section("limits.md", heads[0]));
            while (metric.find()) {
                found++;
                assertThat(metric.group(1) == null ? metrics : dopplers).contains("\n| `" + metric.group(2) + "` |");
            }
        }
        assertThat(found).isGreaterThan(30);
    }

    @Test
    void eachLimitIsCountedOrSaysWhyNot() throws IOException {
        Matcher limit = LIMIT.matcher(Files.readString(DOCS.resolve("limits.md")));
        int found = 0;
        while (limit.find()) {
            found++;
            assertThat(limit.group(1)).as(limit.group()).matches("none: .+|.*" + METRIC.pattern() + ".*");
        }
        assertThat(found).isGreaterThan(60);
    }

    private static String section(String document, String head) throws IOException {
        String text = Files.readString(DOCS.resolve(document));
        int from = text.indexOf("\n## " + head + "\n");
        assertThat(from).as("%s of %s", head, document).isNotNegative();
        int to = text.indexOf("\n## ", from + 1);
        return to < 0 ? text.substring(from) : text.substring(from, to);
    }
}
