package io.loggregator.benchmarks.report;

import static io.loggregator.benchmarks.report.Samples.MACHINE;
import static io.loggregator.benchmarks.report.Samples.SECOND;
import static io.loggregator.benchmarks.report.Samples.cost;
import static io.loggregator.benchmarks.report.Samples.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.run.Growth;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrowthReportTest {
    @Test
    void addsTheServersCostsForAMillionSentAndDelivered() {
        Growth.Point half = new Growth.Point(1, result("growth", 20_000, 10 * SECOND, 100_000, 0));

        assertThat(half.perSent()).isEqualTo(10);
        assertThat(half.perDelivered()).isEqualTo(20);
    }

    @Test
    void tellsWhereACurveBendsUpward() {
        GrowthReport report = new GrowthReport(
                MACHINE,
                List.of(new Growth(
                        "firehoses", "firehoses, 10,000/s", List.of(point(1, 1), point(4, 1.3), point(16, 5)))));

        assertThat(report.text()).contains("firehoses: bends upward at [16]");
        assertThat(report.json()
                        .get("questions")
                        .get(0)
                        .get("bendsUpwardAt")
                        .get(0)
                        .asInt())
                .isEqualTo(16);
        assertThat(report.markdown()).contains("| 16 | 25.00 | 25.00 | 50.00 | 50.00 |");
        assertThat(report.svg()).contains(">firehoses, 10,000/s<", "</svg>");
    }

    @Test
    void tellsWhenNoneDoes() {
        GrowthReport report = new GrowthReport(
                MACHINE,
                List.of(new Growth(
                        "firehoses", "firehoses, 10,000/s", List.of(point(1, 1), point(4, 1.3), point(16, 2.5)))));

        assertThat(report.text()).contains("firehoses: does not bend upward");
    }

    private static Growth.Point point(int amount, double seconds) {
        return new Growth.Point(amount, result("growth", 20_000, 10 * SECOND, 0, 0, cost(seconds, 0), 2_000));
    }
}
