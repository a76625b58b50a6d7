package io.loggregator.nozzles.kafka;

import com.google.protobuf.ByteString;
import io.loggregator.nozzle.Batch;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** Envelopes as a nozzle gets them. */
final class Envelopes {
    private Envelopes() {}

    static Envelope log(String source, String text) {
        return Envelope.newBuilder()
                .setTimestamp(1_700_000_000_123_456_789L)
                .setSourceId(source)
                .setInstanceId("0")
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }

    static Batch batch(List<Envelope> envelopes) {
        return Batch.of(
                EnvelopeBatch.newBuilder().addAllBatch(envelopes).build().toByteArray());
    }

    static Batch batch(Envelope... envelopes) {
        return batch(List.of(envelopes));
    }
}
