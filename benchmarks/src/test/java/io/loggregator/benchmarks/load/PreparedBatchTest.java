package io.loggregator.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

class PreparedBatchTest {
    @Test
    void holdsLogsOfTheSizeThatFiguresAreQuotedFor() throws InvalidProtocolBufferException {
        PreparedBatch batch = PreparedBatch.of(3, 1, 3);

        List<Envelope> envelopes = EnvelopeBatch.parseFrom(batch.bytes()).getBatchList();
        assertThat(envelopes).hasSize(3).allSatisfy(envelope -> {
            assertThat(envelope.getLog().getPayload().size()).isEqualTo(115);
            assertThat(envelope.getTagsCount()).isEqualTo(5);
        });
        assertThat(envelopes)
                .extracting(Envelope::getSourceId)
                .containsExactly(PreparedBatch.sourceId(3), PreparedBatch.sourceId(1), PreparedBatch.sourceId(3));
        assertThat(batch.bytes().length / 3).isBetween(245, 255);
    }

    @Property(tries = 50)
    void payloadsOfEveryLengthAreStampedAtTheirBeginning(@ForAll @IntRange(min = Stamp.LENGTH, max = 20_000) int length)
            throws InvalidProtocolBufferException {
        PreparedBatch batch = PreparedBatch.sized(length, 0, 1);

        batch.stamp(7, new long[] {40, 50}, 9);

        assertThat(EnvelopeBatch.parseFrom(batch.bytes()).getBatchList())
                .extracting(envelope -> envelope.getLog().getPayload().toByteArray())
                .allSatisfy(payload -> {
                    assertThat(payload).hasSize(length);
                    assertThat(Stamp.phase(payload, 0)).isEqualTo(7);
                })
                .extracting(payload -> Stamp.sequence(payload, 0))
                .containsExactly(40L, 50L);
    }

    @Test
    void isStampedWhereItLies() throws InvalidProtocolBufferException {
        PreparedBatch batch = PreparedBatch.of(3, 1, 3);
        int length = batch.bytes().length;
        long[] next = {0, 10, 0, Integer.MAX_VALUE};

        batch.stamp(2, next, -17);

        assertThat(next).containsExactly(0, 11, 0, Integer.MAX_VALUE + 2L);
        List<Envelope> envelopes = EnvelopeBatch.parseFrom(batch.bytes()).getBatchList();
        assertThat(batch.bytes()).hasSize(length);
        assertThat(envelopes)
                .extracting(envelope -> envelope.getLog().getPayload().toByteArray())
                .allSatisfy(payload -> {
                    assertThat(Stamp.at(payload, 0, payload.length)).isTrue();
                    assertThat(Stamp.phase(payload, 0)).isEqualTo(2);
                    assertThat(Stamp.nanos(payload, 0)).isEqualTo(-17);
                })
                .extracting(payload -> Stamp.source(payload, 0) + ":" + Stamp.sequence(payload, 0))
                .containsExactly("3:2147483647", "1:10", "3:2147483648");
    }

    @Test
    void aStampCutShortIsNone() {
        byte[] bytes = new byte[Stamp.LENGTH];
        Stamp.init(bytes, 0, 1);

        assertThat(Stamp.at(bytes, 0, Stamp.LENGTH)).isTrue();
        assertThat(Stamp.at(bytes, 0, Stamp.LENGTH - 1)).isFalse();
        assertThat(Stamp.at(bytes, 1, Stamp.LENGTH)).isFalse();
    }
}
