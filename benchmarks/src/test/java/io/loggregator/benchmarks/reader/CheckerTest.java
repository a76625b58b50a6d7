package io.loggregator.benchmarks.reader;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Stamp;
import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.V1Output;
import io.loggregator.wire.v1.V1Renderer;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
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

        assertThat(checker.settled()).isEqualTo(3);
        assertThat(checker.lastNanos()).isEqualTo(5_000_000);
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(3, 3, 0, 0, 0, 0, 0));
        assertThat(latencies.getTotalCount()).isEqualTo(3);
        // The histogram keeps three digits.
        assertThat(latencies.valuesAreEquivalent(latencies.getMaxValue(), 4_000))
                .isTrue();
    }

    @Test
    void leavesLogsOfAnEarlierPhaseOut() {
        checker.begin(PHASE, 2);

        receive(PHASE - 1, 0, 0, 0, 1);

        assertThat(checker.settled()).isZero();
        assertThat(latencies.getTotalCount()).isZero();
    }

    @Test
    void forgetsWhatWasWhenAPhaseBegins() {
        checker.begin(PHASE - 1, 2);
        receive(PHASE - 1, 0, 0, 0, 1);
        Arrays.fill(sent, 0);

        checker.begin(PHASE, 2);

        assertThat(checker.settled()).isZero();
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(0, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void missesWhatWasSentAndDidNotArrive() {
        checker.begin(PHASE, 2);
        receive(PHASE, 0, 0, 0, 1);
        sent[1] += 5;

        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(7, 2, 5, 0, 0, 0, 0));
    }

    @Test
    void aTailIsToGetItsOwnSourceAndNothingElse() {
        checker.begin(PHASE, 2);
        receive(PHASE, 0, 0, 0, 1, 0);

        assertThat(checker.outcome(sent, 0)).isEqualTo(new Outcome(2, 2, 0, 0, 0, 0, 1));
    }

    @Test
    void clientsOfOneSubscriptionAreAddedUpAndOrderIsAMatterOfEachOfThem() {
        Checker first = checker.member();
        Checker second = checker.member();
        List.of(checker, first, second).forEach(each -> each.begin(PHASE, 2));
        byte[] payload = new byte[Stamp.LENGTH];
        Stamp.init(payload, 0, 1);
        // The first client has 2 and 3 before the second one has 0 and 1.
        for (long number : new long[] {2, 3}) {
            Stamp.patch(payload, 0, PHASE, number, 0);
            first.log(payload, 0, payload.length, 0);
        }
        for (long number : new long[] {0, 1, 1, 3}) {
            Stamp.patch(payload, 0, PHASE, number, 0);
            second.log(payload, 0, payload.length, 0);
        }

        Outcome together = checker.outcome(new long[] {0, 5}, -1);
        assertThat(together.received()).isEqualTo(4);
        assertThat(together.lost()).isEqualTo(1);
        assertThat(together.duplicates()).as("the second 1 and the second 3").isEqualTo(2);
        assertThat(first.outOfOrder() + second.outOfOrder()).isZero();
        assertThat(checker.missing(1, 0, 4)).isZero();
        assertThat(checker.missing(1, 4, 5)).isEqualTo(1);
        assertThat(checker.highest(1)).isEqualTo(3);
        assertThat(checker.highest(0)).isEqualTo(-1);
    }

    @Test
    void countsWhatIsNothingOfTheLoad() {
        checker.begin(PHASE, 2);

        checker.v1(new byte[] {0x0A, 1, 'x', 0x30, 1}, 0, 5, 0);
        checker.v1(new byte[] {0x42, 5, 1}, 0, 3, 0);
        checker.v1(new byte[] {}, 0, 0, 0);

        assertThat(checker.outcome(sent, -1).others()).isEqualTo(3);
    }

    @Test
    void findsTheLogsInABatchOfV2WhateverTheFormOfTags() throws InvalidProtocolBufferException {
        checker.begin(PHASE, 2);
        PreparedBatch batch = PreparedBatch.of(0, 1, 0);
        batch.stamp(PHASE, sent, 1_000_000);
        EnvelopeBatch.Builder deprecated = EnvelopeBatch.newBuilder();
        for (Envelope envelope : EnvelopeBatch.parseFrom(batch.bytes()).getBatchList()) {
            Envelope.Builder older = envelope.toBuilder().clearTags();
            envelope.getTagsMap()
                    .forEach((tag, value) -> older.putDeprecatedTags(
                            tag, Value.newBuilder().setText(value).build()));
            deprecated.addBatch(older);
        }
        byte[] rendered = deprecated.build().toByteArray();

        checker.v2(batch.bytes(), 0, batch.bytes().length, 5_000_000);
        checker.v2(rendered, 0, rendered.length, 6_000_000);

        assertThat(checker.firstNanos()).isEqualTo(5_000_000);
        assertThat(checker.outcome(sent, -1)).isEqualTo(new Outcome(3, 3, 0, 3, 0, 0, 0));
    }

    @Test
    void countsAsAnnouncedWhatNoticesOfLossTell() {
        checker.begin(PHASE, 2);
        LossNotice notice = new LossNotice(Selection.ALL, "system", 1_234, 5_000, 0, 0, "lapped", "127.0.0.1:1");

        for (byte[] envelope : notice.v1()) {
            checker.v1(envelope, 0, envelope.length, 0);
        }
        byte[] batch = notice.v2();
        checker.v2(batch, 0, batch.length, 0);

        assertThat(checker.settled()).isEqualTo(2 * 1_234);
        assertThat(checker.outcome(sent, -1).announced()).isEqualTo(2 * 1_234);
        assertThat(checker.outcome(sent, -1).others())
                .as("a log and a counter, twice")
                .isEqualTo(4);
        assertThat(checker.outcome(new long[] {2_468, 0}, -1).unannounced()).isZero();
    }

    @Test
    void aNoticeWithoutANumberAccountsForNothing() {
        checker.begin(PHASE, 2);
        receive(PHASE, 0, 0, 1);
        sent[1] += 3;
        LossNotice notice = new LossNotice(Selection.ALL, "system", 0, 0, 0, 0, "link_down", "127.0.0.1:1");
        for (byte[] envelope : notice.v1()) {
            checker.v1(envelope, 0, envelope.length, 0);
        }
        receive(PHASE, 0, 0, 1);

        assertThat(checker.missedAway()).isZero();
        assertThat(checker.unknownLosses()).isEqualTo(1);
        assertThat(checker.lostDopplers()).isZero();
        assertThat(checker.outcome(sent, -1).announced()).isZero();
        assertThat(checker.outcome(sent, -1).lost()).isEqualTo(3);
    }

    @Test
    void wordOfALostDopplerIsCountedApart() {
        checker.begin(PHASE, 2);
        LossNotice notice = new LossNotice(Selection.ALL, "system", 0, 0, 1, 2, "doppler_lost", "127.0.0.1:1");
        byte[] batch = notice.v2();
        checker.v2(batch, 0, batch.length, 0);

        assertThat(checker.lostDopplers()).isEqualTo(1);
        assertThat(checker.outcome(sent, -1).announced()).isZero();
        checker.begin(PHASE + 1, 2);
        assertThat(checker.lostDopplers()).isZero();
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
                checker.v1(bytes, from, to, nowNanos);
                end = to;
            }
        };
        while (cursor.next()) {
            renderer.render(batch.bytes(), cursor.envelopeStart(), cursor.envelopeEnd(), toChecker);
        }
    }
}
