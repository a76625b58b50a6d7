package io.loggregator.doppler;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.HttpFactory;
import org.cloudfoundry.dropsonde.events.LogFactory;
import org.cloudfoundry.dropsonde.events.MetricFactory;
import org.cloudfoundry.dropsonde.events.UuidFactory;

/** v1 envelopes as an agent sends them. */
final class V1Envelopes {
    private V1Envelopes() {}

    private static Envelope.Builder envelope(Envelope.EventType type, long timestamp) {
        return Envelope.newBuilder()
                .setOrigin("rep")
                .setEventType(type)
                .setTimestamp(timestamp)
                .setDeployment("cf")
                .setJob("cell")
                .setIndex("0")
                .setIp("10.0.0.1")
                .putTags("source_id", "app");
    }

    static Envelope log(String app, int number) {
        return log(app, number, 0);
    }

    /** @param padding bytes of the message after the number */
    static Envelope log(String app, int number, int padding) {
        return envelope(Envelope.EventType.LogMessage, number)
                .putTags("source_id", app)
                .setLogMessage(LogFactory.LogMessage.newBuilder()
                        .setMessage(ByteString.copyFrom(
                                (number + " " + "x".repeat(padding)).getBytes(StandardCharsets.UTF_8)))
                        .setMessageType(LogFactory.LogMessage.MessageType.OUT)
                        .setTimestamp(number)
                        .setAppId(app)
                        .setSourceType("APP/PROC/WEB")
                        .setSourceInstance("0"))
                .build();
    }

    static List<byte[]> logs(String app, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> log(app, i).toByteArray())
                .toList();
    }

    /** One of each type. */
    static List<Envelope> ofEachType() {
        UuidFactory.UUID uuid =
                UuidFactory.UUID.newBuilder().setLow(7).setHigh(9).build();
        return List.of(
                log("app", 1),
                envelope(Envelope.EventType.ValueMetric, 2)
                        .setValueMetric(MetricFactory.ValueMetric.newBuilder()
                                .setName("load")
                                .setValue(1.5)
                                .setUnit("count"))
                        .build(),
                envelope(Envelope.EventType.CounterEvent, 3)
                        .setCounterEvent(MetricFactory.CounterEvent.newBuilder()
                                .setName("requests")
                                .setDelta(2)
                                .setTotal(5))
                        .build(),
                envelope(Envelope.EventType.Error, 4)
                        .setError(ErrorFactory.Error.newBuilder()
                                .setSource("gorouter")
                                .setCode(3)
                                .setMessage("broken"))
                        .build(),
                envelope(Envelope.EventType.ContainerMetric, 5)
                        .setContainerMetric(MetricFactory.ContainerMetric.newBuilder()
                                .setApplicationId("app")
                                .setInstanceIndex(1)
                                .setCpuPercentage(12.5)
                                .setMemoryBytes(1)
                                .setDiskBytes(2)
                                .setMemoryBytesQuota(3)
                                .setDiskBytesQuota(4))
                        .build(),
                envelope(Envelope.EventType.HttpStartStop, 6)
                        .setHttpStartStop(HttpFactory.HttpStartStop.newBuilder()
                                .setStartTimestamp(1)
                                .setStopTimestamp(2)
                                .setRequestId(uuid)
                                .setPeerType(HttpFactory.PeerType.Server)
                                .setMethod(HttpFactory.Method.PUT)
                                .setUri("http://example.org/")
                                .setRemoteAddress("10.0.0.2:1")
                                .setUserAgent("curl")
                                .setStatusCode(201)
                                .setContentLength(10)
                                .setApplicationId(uuid)
                                .setInstanceIndex(2)
                                .setInstanceId("guid")
                                .addForwarded("10.0.0.3"))
                        .build());
    }

    /** An envelope of a type that was removed from v1. */
    static byte[] ofOldType() {
        byte[] sound = envelope(Envelope.EventType.LogMessage, 1).build().toByteArray();
        for (int i = 0; i + 1 < sound.length; i++) {
            if (sound[i] == 0x10 && sound[i + 1] == Envelope.EventType.LogMessage_VALUE) {
                sound[i + 1] = 2; // HttpStart
                return sound;
            }
        }
        throw new AssertionError("no event type");
    }
}
