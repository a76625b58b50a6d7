package io.loggregator.nozzle.testkit;

import com.google.protobuf.ByteString;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** Envelopes to send, of this moment and of instance 0; {@code toBuilder()} leads to all others. */
public final class Envelopes {
    private Envelopes() {}

    /** A line on standard output. */
    public static Envelope out(String sourceId, String text) {
        return line(sourceId, text, Log.Type.OUT);
    }

    /** A line on standard error. */
    public static Envelope err(String sourceId, String text) {
        return line(sourceId, text, Log.Type.ERR);
    }

    /** A counter that has grown. */
    public static Envelope counter(String sourceId, String name, long delta, long total) {
        return from(sourceId)
                .setCounter(Counter.newBuilder().setName(name).setDelta(delta).setTotal(total))
                .build();
    }

    /** A gauge of one metric. */
    public static Envelope gauge(String sourceId, String name, String unit, double value) {
        return from(sourceId)
                .setGauge(Gauge.newBuilder()
                        .putMetrics(
                                name,
                                GaugeValue.newBuilder()
                                        .setUnit(unit)
                                        .setValue(value)
                                        .build()))
                .build();
    }

    private static Envelope line(String sourceId, String text, Log.Type type) {
        return from(sourceId)
                .setLog(Log.newBuilder()
                        .setPayload(ByteString.copyFromUtf8(text))
                        .setType(type))
                .build();
    }

    private static Envelope.Builder from(String sourceId) {
        return Envelope.newBuilder()
                .setTimestamp(System.currentTimeMillis() * 1_000_000)
                .setSourceId(sourceId)
                .setInstanceId("0");
    }
}
