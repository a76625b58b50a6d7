package io.loggregator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code deploy/alerts/loggregator.yml} asks for metrics, labels and values that there are, and each alert is explained. */
class AlertsTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern ALERT = Pattern.compile("(?m)^      - alert: (\\w+)$");
    private static final Pattern EXPRESSION = Pattern.compile("(?m)^        expr: (?:>-\\n)?((?:.|\\n {10})*)$");
    private static final Pattern METRIC = Pattern.compile("\\b[a-z0-9]+(?:_[a-z0-9]+)+\\b(?=[\\[{ ])(\\{[^}]*\\})?");
    private static final Pattern CONDITION = Pattern.compile("([a-z_]+)(?:=~|!=|=)\"([^\"]+)\"");
    private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");
    /** Prometheus' own. */
    private static final String INSTANCE = "instance";

    @Test
    void expressionsNameMetricsLabelsAndValuesThatThereAre() throws IOException {
        List<String> metrics = Files.readAllLines(ROOT.resolve("docs/metrics.md"));
        Set<String> asked = new TreeSet<>();
        for (MatchResult expression : all(EXPRESSION, rules())) {
            Set<String> labels = new TreeSet<>(Set.of(INSTANCE));
            for (MatchResult selector : all(METRIC, expression.group(1))) {
                String metric = selector.group().replaceAll("\\{.*", "");
                asked.add(metric);
                List<String> rows = metrics.stream()
                        .filter(line -> line.startsWith("| `" + metric + "` |"))
                        .toList();
                assertThat(rows).as(metric).isNotEmpty();
                rows.forEach(row -> labels.addAll(labels(row)));
                all(CONDITION, selector.group())
                        .forEach(condition -> assertThat(rows)
                                .as(condition.group())
                                .anyMatch(row ->
                                        labels(row).contains(condition.group(1)) && tells(row, condition.group(2))));
            }
            for (MatchResult by : all(BY, expression.group(1))) {
                assertThat(labels).contains(by.group(1).split(", "));
            }
        }
        assertThat(asked).hasSizeGreaterThan(15);
    }

    private static Set<String> labels(String row) {
        return all(Pattern.compile("`([a-z_]+)`"), row.split("\\|")[3]).stream()
                .map(label -> label.group(1))
                .collect(Collectors.toSet());
    }

    /** Whether the words about a metric have all of these values of a label, or say where they are. */
    private static boolean tells(String row, String values) {
        String words = row.substring(row.indexOf('|', row.indexOf('|', row.indexOf('|', 1) + 1) + 1));
        return words.contains("the reasons of edge_refused")
                || List.of(values.split("\\|")).stream()
                        .allMatch(value -> Pattern.compile("\\b" + value + "\\b")
                                .matcher(words)
                                .find());
    }

    @Test
    void eachAlertIsExplained() throws IOException {
        List<String> explained = Files.readAllLines(ROOT.resolve("docs/operations.md")).stream()
                .filter(line -> line.startsWith("| `Loggregator"))
                .map(line -> line.split("`")[1])
                .toList();
        assertThat(explained)
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(all(ALERT, rules()).stream()
                        .map(alert -> alert.group(1))
                        .toList());
    }

    private static List<MatchResult> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    private static String rules() throws IOException {
        return Files.readString(ROOT.resolve("deploy/alerts/loggregator.yml"));
    }
}
