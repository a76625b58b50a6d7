package io.loggregator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code deploy/alerts/loggregator.yml} asks for metrics and labels that there are, and each alert is explained. */
class AlertsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ALERT = Pattern.compile("(?m)^      - alert: (\\w+)$");
    private static final Pattern SELECTOR =
            Pattern.compile("\\b([a-z0-9]+(?:_[a-z0-9]+)+)\\b(?=[\\[{ ])(?:\\{([a-z_]+)[=!~]+\"([^\"]+)\"})?");
    private static final Pattern EXPRESSION = Pattern.compile("(?m)^        expr: (?:>-\\n)?((?:.|\\n {10})*)$");

    @Test
    void expressionsNameMetricsAndValuesOfLabelsThatThereAre() throws IOException {
        String metrics = Files.readString(ROOT.resolve("docs/metrics.md"));
        List<String> asked = new ArrayList<>();
        Matcher expression = EXPRESSION.matcher(rules());
        while (expression.find()) {
            Matcher selector = SELECTOR.matcher(expression.group(1));
            while (selector.find()) {
                asked.add(selector.group(1));
                assertThat(metrics).contains("\n| `" + selector.group(1) + "` |");
                if (selector.group(2) != null) {
                    String row = row(metrics, selector.group(1));
                    assertThat(row).contains("`" + selector.group(2) + "`");
                    for (String value : selector.group(3).split("\\|")) {
                        assertThat(row(metrics, reasonsOf(selector.group(1))))
                                .as(selector.group())
                                .contains(value);
                    }
                }
            }
        }
        assertThat(asked).hasSizeGreaterThan(15);
    }

    /** Whose row lists the values. */
    private static String reasonsOf(String metric) {
        return metric.equals("gateway_refused_total") ? "edge_refused_total" : metric;
    }

    private static String row(String metrics, String metric) {
        return metrics.lines()
                .filter(line -> line.startsWith("| `" + metric + "` |"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachAlertIsExplained() throws IOException {
        String operations = Files.readString(ROOT.resolve("docs/operations.md"));
        Matcher alert = ALERT.matcher(rules());
        int found = 0;
        while (alert.find()) {
            found++;
            assertThat(operations).contains("\n| `" + alert.group(1) + "` |");
        }
        assertThat(operations.lines().filter(line -> line.startsWith("| `Loggregator")))
                .hasSize(found);
    }

    private static String rules() throws IOException {
        return Files.readString(ROOT.resolve("deploy/alerts/loggregator.yml"));
    }
}
