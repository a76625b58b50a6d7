package io.loggregator.nozzle.testkit;

import com.google.protobuf.ByteString;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** Envelopes to send. */
final class Envelopes {
    private Envelopes() {}

    static Envelope log(String text) {
        return Envelope.newBuilder()
                .setSourceId("app")
                .setTimestamp(1)
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }
}
