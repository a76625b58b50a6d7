package io.loggregator.benchmarks.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.V1Output;
import io.loggregator.wire.v1.V1Renderer;
import java.util.Arrays;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

/** Fed with what the product makes of the load. */
class CheckerTest {
    private static final int PHASE = 3;

    private final Histogram latencies = new Histogram(60_000_000, 3);
    private final Checker checker = new Checker(latencies);
    private final long[] sent = new long[2];

    @Test
    void findsEveryLogOfTheLoadWithItsLatency() {
        checker.begin(PHASE, 2);

        receive(PHASE, 1_000_000, 5_000_000, 0, 1, 0);

        assertThat(checker.arrived()).isEqualTo(3);
        assertThat(checker.lastNanos()).isEqualTo(5_000_000);
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(3, 3, 0, 0, 0, 0));
        assertThat(latencies.getTotalCount()).isEqualTo(3);
        // The histogram keeps three digits.
        assertThat(latencies.valuesAreEquivalent(latencies.getMaxValue(), 4_000))
                .isTrue();
    }

    @Test
    void leavesLogsOfAnEarlierPhaseOut() {
        checker.begin(PHASE, 2);

        receive(PHASE - 1, 0, 0, 0, 1);

        assertThat(checker.arrived()).isZero();
        assertThat(latencies.getTotalCount()).isZero();
    }

    @Test
    void forgetsWhatWasWhenAPhaseBegins() {
        checker.begin(PHASE - 1, 2);
        receive(PHASE - 1, 0, 0, 0, 1);
        Arrays.fill(sent, 0);

        checker.begin(PHASE, 2);

        assertThat(checker.arrived()).isZero();
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(0, 0, 0, 0, 0, 0));
    }

    @Test
    void missesWhatWasSentAndDidNotArrive() {
        checker.begin(PHASE, 2);
        receive(PHASE, 0, 0, 0, 1);
        sent[1] += 5;

        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(7, 2, 5, 0, 0, 0));
    }

    @Test
    void aTailIsToGetItsOwnSourceAndNothingElse() {
        checker.begin(PHASE, 2);
        receive(PHASE, 0, 0, 0, 1, 0);

        assertThat(checker.outcome(sent, 0)).isEqualTo(new Outcome(2, 2, 0, 0, 0, 1));
    }

    @Test
    void countsWhatIsNothingOfTheLoad() {
        checker.begin(PHASE, 2);

        checker.envelope(new byte[] {0x0A, 1, 'x', 0x30, 1}, 0, 5, 0);
        checker.envelope(new byte[] {0x42, 5, 1}, 0, 3, 0);
        checker.envelope(new byte[] {}, 0, 0, 0);

        assertThat(checker.outcome(sent, -1).others()).isEqualTo(3);
    }

    private void receive(int phase, long sentNanos, long nowNanos, int... sources) {
        PreparedBatch batch = PreparedBatch.of(sources);
        batch.stamp(phase, sent, sentNanos);
        BatchCursor cursor = new BatchCursor(false);
        cursor.over(batch.bytes(), 0, batch.bytes().length);
        V1Renderer renderer = new V1Renderer(65_536);
        V1Output toChecker = new V1Output() {
            @Override
            protected void finished(int from, int to) {
                checker.envelope(bytes, from, to, nowNanos);
                end = to;
            }
        };
        while (cursor.next()) {
            renderer.render(batch.bytes(), cursor.envelopeStart(), cursor.envelopeEnd(), toChecker);
        }
    }
}
