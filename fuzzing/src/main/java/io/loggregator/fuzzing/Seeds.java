package io.loggregator.fuzzing;

import com.google.protobuf.ByteString;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.link.v1.Welcome;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToServer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/** Inputs that are meant to be understood, from which a fuzzer makes others. */
final class Seeds {
    private static final String APP = "5a10a0f4-8a1f-4b1c-a1c3-2f8e1b2d3c4e";

    private Seeds() {}

    private static Envelope.Builder envelope() {
        return Envelope.newBuilder()
                .setTimestamp(1_700_000_000_000_000_000L)
                .setSourceId(APP)
                .setInstanceId("0")
                .putTags("origin", "rep");
    }

    private static List<Envelope> envelopes() {
        return List.of(
                envelope()
                        .setLog(Log.newBuilder()
                                .setPayload(ByteString.copyFromUtf8("a line"))
                                .setType(Log.Type.ERR))
                        .putTags("source_type", "APP/PROC/WEB")
                        .build(),
                envelope()
                        .setCounter(Counter.newBuilder()
                                .setName("requests")
                                .setDelta(3)
                                .setTotal(7))
                        .putDeprecatedTags(
                                "index", Value.newBuilder().setInteger(4).build())
                        .build(),
                envelope()
                        .setGauge(gauge("cpu", 0.5, "percentage")
                                .mergeFrom(gauge("memory", 1024, "bytes").build())
                                .mergeFrom(gauge("disk", 2048, "bytes").build()))
                        .putDeprecatedTags(
                                "load", Value.newBuilder().setDecimal(1.5).build())
                        .build(),
                envelope()
                        .setTimer(Timer.newBuilder().setName("http").setStart(1).setStop(2))
                        .putTags("request_id", APP)
                        .putTags("uri", "http://example.org/")
                        .putTags("method", "GET")
                        .putTags("peer_type", "Client")
                        .putTags("status_code", "200")
                        .build(),
                envelope()
                        .setEvent(Event.newBuilder().setTitle("title").setBody("body"))
                        .build(),
                envelope().build());
    }

    private static Gauge.Builder gauge(String name, double value, String unit) {
        return Gauge.newBuilder()
                .putMetrics(
                        name,
                        GaugeValue.newBuilder().setValue(value).setUnit(unit).build());
    }

    static List<byte[]> batches() {
        List<byte[]> batches = new ArrayList<>();
        batches.add(EnvelopeBatch.newBuilder().addAllBatch(envelopes()).build().toByteArray());
        for (Envelope envelope : envelopes()) {
            batches.add(EnvelopeBatch.newBuilder().addBatch(envelope).build().toByteArray());
        }
        return batches;
    }

    static List<byte[]> v1Envelopes() {
        return Stream.of(
                        v1(EventFactory.Envelope.EventType.LogMessage)
                                .setLogMessage(LogMessage.newBuilder()
                                        .setAppId(APP)
                                        .setMessage(ByteString.copyFromUtf8("a line"))
                                        .setMessageType(LogMessage.MessageType.OUT)
                                        .setTimestamp(1)
                                        .setSourceType("APP")
                                        .setSourceInstance("0")),
                        v1(EventFactory.Envelope.EventType.CounterEvent)
                                .setCounterEvent(CounterEvent.newBuilder()
                                        .setName("requests")
                                        .setDelta(1)
                                        .setTotal(2)),
                        v1(EventFactory.Envelope.EventType.ValueMetric)
                                .setValueMetric(ValueMetric.newBuilder()
                                        .setName("load")
                                        .setValue(1.5)
                                        .setUnit("1")),
                        v1(EventFactory.Envelope.EventType.ContainerMetric)
                                .setContainerMetric(ContainerMetric.newBuilder()
                                        .setApplicationId(APP)
                                        .setInstanceIndex(1)
                                        .setCpuPercentage(0.5)
                                        .setMemoryBytes(1)
                                        .setDiskBytes(2)))
                .map(envelope -> envelope.build().toByteArray())
                .toList();
    }

    private static EventFactory.Envelope.Builder v1(EventFactory.Envelope.EventType type) {
        return EventFactory.Envelope.newBuilder()
                .setOrigin("rep")
                .setEventType(type)
                .setTimestamp(1)
                .setDeployment("cf")
                .setJob("diego-cell")
                .putTags("key", "value");
    }

    static List<byte[]> linkMessages() {
        byte[] batch = batches().get(0);
        return List.of(
                LinkFrame.encode(ToDoppler.newBuilder()
                        .setHello(Hello.getDefaultInstance())
                        .build()),
                LinkFrame.encode(ToDoppler.newBuilder()
                        .setJoin(Join.newBuilder().setMember(1).setSubscription("nozzle"))
                        .build()),
                LinkFrame.encode(ToTrafficController.newBuilder()
                        .setWelcome(Welcome.newBuilder().setEpoch("run").setLanes(1))
                        .build()),
                LinkFrame.encode(
                        ToTrafficController.newBuilder()
                                .setBatch(io.loggregator.link.v1.Batch.newBuilder()
                                        .setEnd(batch.length))
                                .build(),
                        batch,
                        0,
                        batch.length));
    }

    static List<byte[]> streamMessages() {
        return List.of(
                StreamMessage.encode(ToServer.newBuilder()
                        .setStart(Start.newBuilder().setCredit(1 << 20))
                        .build()),
                StreamMessage.encode(ToServer.newBuilder()
                        .setAck(Ack.newBuilder().setMark(3))
                        .build()),
                StreamMessage.encode(ToServer.newBuilder()
                        .setCredit(Credit.newBuilder().setBytes(100))
                        .build()));
    }

    static List<byte[]> frames() {
        ByteBuffer frames = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        frames.put((byte) 3).putInt(5).put(ascii("hello")).putInt(0).putInt(2).put(ascii("hi"));
        byte[] bytes = new byte[frames.flip().limit()];
        frames.get(bytes);
        return List.of(bytes);
    }

    static List<byte[]> requests() {
        return texts(
                "/firehose/my-nozzle?filter-type=logs",
                "/apps/" + APP + "/stream",
                "/apps/" + APP + "/recentlogs?limit=10",
                "/apps/" + APP + "/containermetrics",
                "/set-cookie?CookieName=a&CookieValue=b",
                "//a/../b/./%2e%2e/%2F?x=%zz&y;z");
    }

    static List<byte[]> readQueries() {
        return texts(
                "log&source_id=" + APP + "&shard_id=a",
                "counter.name=requests&gauge.name=cpu,memory&timer&event&deterministic_name=x",
                "log&grep=a.*b&instance=0&source_type=APP");
    }

    private static List<byte[]> texts(String... texts) {
        return Stream.of(texts).map(Seeds::ascii).toList();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
