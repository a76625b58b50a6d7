package io.loggregator.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.process.Cpu;
import io.loggregator.benchmarks.reader.Outcome;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void quotesCpuForAMillionEnvelopesWithCompilersApart() {
        JsonNode json = Report.json(List.of(result(20_000, 10 * SECOND, 0))).get(0);

        // 200,000 envelopes: 1.5 s in all, of which 0.5 s the compilers'.
        assertThat(json.get("doppler").get("workSecondsPerMillion").asDouble()).isEqualTo(5.0);
        assertThat(json.get("doppler").get("compilerSeconds").asDouble()).isEqualTo(0.5);
        assertThat(json.get("sentPerSecond").asDouble()).isEqualTo(20_000);
        assertThat(json.get("receivedPerSecond").asDouble()).isEqualTo(10_000);
        assertThat(json.get("keptUp").asBoolean()).isTrue();
        assertThat(json.get("latencyMillis").get("p50").asDouble()).isEqualTo(2.0);
    }

    @Test
    void saysThatTheGeneratorFellBehind() {
        assertThat(Report.table(List.of(result(20_000, 20 * SECOND, 0))))
                .contains("fell behind: 10000/s instead of 20000/s");
        assertThat(Report.table(List.of(result(20_000, 10 * SECOND, 0)))).doesNotContain("fell behind");
        assertThat(Report.table(List.of(result(0, 20 * SECOND, 0)))).doesNotContain("fell behind");
    }

    @Test
    void showsLoss() {
        assertThat(Report.table(List.of(result(20_000, 10 * SECOND, 12_345)))).contains(" 12345 ");
    }

    private static Result result(long rate, long elapsed, long lost) {
        Histogram latencies = new Histogram(1_000_000, 3);
        latencies.recordValue(2_000);
        long sent = 200_000;
        Cost cost = new Cost(new Cpu(1.5, 0.5, 0.1), 100, 150);
        return new Result(
                new Scenario("one", rate, 2, 1, 0),
                new Sent(new long[] {sent / 2, sent / 2}, sent, 0, elapsed, 0, 0),
                new Outcome(sent, sent - lost, lost, 0, 0, 0),
                20,
                latencies,
                cost,
                cost,
                cost);
    }
}
