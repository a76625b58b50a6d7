package io.loggregator.cli.emit;

import com.google.protobuf.ByteString;
import java.time.Instant;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** Log envelopes as an app's own would look. */
final class Logs {
    private Logs() {}

    static Envelope log(String sourceId, String instanceId, ByteString payload) {
        Instant now = Instant.now();
        return Envelope.newBuilder()
                .setTimestamp(now.getEpochSecond() * 1_000_000_000L + now.getNano())
                .setSourceId(sourceId)
                .setInstanceId(instanceId)
                .putTags("origin", "emit")
                .putTags("source_type", "APP/PROC/WEB")
                .setLog(Log.newBuilder().setPayload(payload).setType(Log.Type.OUT))
                .build();
    }
}
