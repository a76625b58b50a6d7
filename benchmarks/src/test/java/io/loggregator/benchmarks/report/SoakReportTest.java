package io.loggregator.benchmarks.report;

import static io.loggregator.benchmarks.report.Samples.MACHINE;
import static io.loggregator.benchmarks.report.Samples.SECOND;
import static io.loggregator.benchmarks.report.Samples.cost;
import static io.loggregator.benchmarks.report.Samples.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.process.Pauses.Pause;
import io.loggregator.benchmarks.run.Soak;
import java.util.List;
import org.junit.jupiter.api.Test;

class SoakReportTest {
    private final Soak soak = new Soak(List.of(
            new Soak.Slice(
                    70,
                    result("soak", 20_000, 10 * SECOND, 0, 0, cost(1, 0), 1_000),
                    List.of(new Pause(65, "Young", 2.5), new Pause(66, "Young", 3.5)),
                    List.of()),
            new Soak.Slice(
                    80,
                    result("soak", 20_000, 10 * SECOND, 7, 7, cost(1, 0), 2_000),
                    List.of(new Pause(75, "Full", 40)),
                    List.of(new Pause(76, "Young", 1)))));

    @Test
    void sumsLossAndJoinsLatencies() {
        assertThat(soak.lost()).isEqualTo(7);
        assertThat(new SoakReport(MACHINE, soak).text())
                .contains("0.3 minutes at 20000/s, one firehose: 400,000 sent, 7 lost")
                .contains("latency p50 1.00, p99 2.00");
    }

    @Test
    void setsPausesOfTheFirstHalfAgainstThoseOfTheSecond() {
        assertThat(new SoakReport(MACHINE, soak).text())
                .contains("collections of the Doppler: 3, 46 ms in all;"
                        + " longest 3.5 ms in the first half, 40.0 ms in the second")
                .contains("collections of the Traffic Controller: 1, 1 ms in all;"
                        + " longest 0.0 ms in the first half, 1.0 ms in the second");
    }

    @Test
    void listsEveryPauseForPrograms() {
        assertThat(new SoakReport(MACHINE, soak)
                        .json()
                        .get("slices")
                        .get(1)
                        .get("dopplerPauses")
                        .get(0)
                        .get("what")
                        .asText())
                .isEqualTo("Full");
    }

    @Test
    void oneSliceIsEnough() {
        Soak one = new Soak(soak.slices().subList(0, 1));

        assertThat(new SoakReport(MACHINE, one).markdown()).contains("longest 3.5 ms in the first half, 0.0 ms");
    }
}
