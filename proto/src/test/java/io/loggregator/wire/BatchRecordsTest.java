package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;

class BatchRecordsTest {
    @Property
    void findsEveryEnvelopeOfABatchInsideALargerArray(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        EnvelopeBatch.Builder batch = EnvelopeBatch.newBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            byte[] payload = new byte[random.nextInt(300)];
            random.nextBytes(payload);
            batch.addBatch(Envelope.newBuilder()
                    .setSourceId("app-" + i)
                    .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(payload))));
        }
        byte[] bytes = batch.build().toByteArray();
        byte[] larger = new byte[bytes.length + 40];
        random.nextBytes(larger);
        System.arraycopy(bytes, 0, larger, 20, bytes.length);

        List<Envelope> found = new ArrayList<>();
        BatchRecords records = new BatchRecords().over(larger, 20, 20 + bytes.length);
        while (records.next()) {
            found.add(Envelope.parser().parseFrom(larger, records.start(), records.end() - records.start()));
        }
        assertThat(found).isEqualTo(batch.getBatchList());
    }

    @Property
    void staysWithinBoundsOnAnyBytes(@ForAll byte[] bytes) {
        BatchRecords records = new BatchRecords().over(bytes, 0, bytes.length);
        int behind = 0;
        while (records.next()) {
            assertThat(records.start()).isBetween(behind, bytes.length);
            assertThat(records.end()).isBetween(records.start(), bytes.length);
            behind = records.end();
        }
    }

    @Test
    void skipsFieldsThatAreNoEnvelopes() {
        byte[] bytes = {0x10, 0x07, 0x0A, 0x01, 0x08};
        BatchRecords records = new BatchRecords().over(bytes, 0, bytes.length);
        assertThat(records.next()).isTrue();
        assertThat(records.start()).isEqualTo(4);
        assertThat(records.end()).isEqualTo(5);
        assertThat(records.next()).isFalse();
    }
}
