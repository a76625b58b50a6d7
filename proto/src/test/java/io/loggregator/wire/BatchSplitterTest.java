package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

class BatchSplitterTest {
    @Property(tries = 500)
    void cutsBetweenEnvelopesAndLosesNone(@ForAll long seed, @ForAll @IntRange(min = 1, max = 2000) int max)
            throws Exception {
        Generated generated = new Generated(seed);
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        for (int i = generated.random().nextInt(10); i > 0; i--) {
            batch.addBatch(generated.envelope());
        }
        byte[] bytes = batch.build().toByteArray();
        List<Envelope> pieces = new ArrayList<>();
        int from = 0;
        while (from < bytes.length) {
            int end = BatchSplitter.pieceEnd(bytes, from, bytes.length, max);
            assertThat(end).isGreaterThan(from);
            EnvelopeBatch piece = EnvelopeBatch.parseFrom(Arrays.copyOfRange(bytes, from, end));
            assertThat(end - from <= max || piece.getBatchCount() == 1).isTrue();
            if (end < bytes.length) {
                int more = BatchSplitter.pieceEnd(bytes, end, bytes.length, 1);
                assertThat(more - from).as("the next one did not fit").isGreaterThan(max);
            }
            pieces.addAll(piece.getBatchList());
            from = end;
        }
        assertThat(pieces).isEqualTo(batch.getBatchList());
    }

    @Test
    void refusesUnsoundFraming() {
        assertThat(BatchSplitter.pieceEnd(new byte[] {0x0A, 100, 1, 2}, 0, 4, 3))
                .isEqualTo(ProtoBytes.UNSOUND);
    }
}
