package io.loggregator.cli.output;

import com.google.protobuf.ByteString;
import java.time.Instant;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;

/** v1 envelopes to test with, all of the same moment: 2026-11-22T12:05:41.078 UTC. */
public final class V1 {
    public static final long TIME = Instant.parse("2026-11-22T12:05:41.078Z").toEpochMilli() * 1_000_000;

    private V1() {}

    public static Envelope log(String text) {
        return log(ByteString.copyFromUtf8(text), LogMessage.MessageType.OUT, TIME);
    }

    public static Envelope log(ByteString text, LogMessage.MessageType type, long time) {
        return base(Envelope.EventType.LogMessage)
                .setTimestamp(time)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(text)
                        .setMessageType(type)
                        .setTimestamp(time)
                        .setAppId("app-1")
                        .setSourceType("APP/PROC/WEB")
                        .setSourceInstance("0"))
                .build();
    }

    public static Envelope counter(String name, long delta, long total) {
        return base(Envelope.EventType.CounterEvent)
                .setCounterEvent(
                        CounterEvent.newBuilder().setName(name).setDelta(delta).setTotal(total))
                .build();
    }

    static Envelope.Builder base(Envelope.EventType type) {
        return Envelope.newBuilder()
                .setOrigin("gorouter")
                .setEventType(type)
                .setTimestamp(TIME)
                .setJob("router");
    }
}
