package io.loggregator.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.Generated;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.HttpFactory.PeerType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.cloudfoundry.dropsonde.events.UuidFactory.UUID;

class RoundTripPropertyTest {
    private final V1ToV2 converter = new V1ToV2(1 << 20);
    private final V1Renderer renderer = new V1Renderer(1 << 20);

    private static String text(Random random) {
        String[] texts = {"", "a", "zwölf", "longer text ".repeat(20), "😀"};
        return texts[random.nextInt(texts.length)];
    }

    private static UUID uuid(Random random) {
        return UUID.newBuilder()
                .setLow(random.nextLong() | 1)
                .setHigh(random.nextLong())
                .build();
    }

    // Complete, as agents send them: with all of the envelope's own fields and a source id among the tags.
    static Envelope complete(Random random) {
        String sourceId = "source-" + random.nextInt(100);
        Envelope.Builder envelope = Envelope.newBuilder()
                .setOrigin(text(random))
                .setTimestamp(random.nextLong())
                .setDeployment(text(random))
                .setJob(text(random))
                .setIndex(text(random))
                .setIp(text(random))
                .putTags("extra", text(random));
        switch (random.nextInt(6)) {
            case 0 -> {
                UUID app = uuid(random);
                byte[] id = new byte[UuidText.LENGTH];
                UuidText.write(app.getLow(), app.getHigh(), id, 0);
                sourceId = new String(id, java.nio.charset.StandardCharsets.US_ASCII);
                envelope.setEventType(EventType.HttpStartStop)
                        .setHttpStartStop(HttpStartStop.newBuilder()
                                .setStartTimestamp(random.nextLong())
                                .setStopTimestamp(random.nextLong())
                                .setRequestId(uuid(random))
                                .setPeerType(PeerType.forNumber(1 + random.nextInt(2)))
                                .setMethod(Method.forNumber(1 + random.nextInt(44)))
                                .setUri(text(random))
                                .setRemoteAddress(text(random))
                                .setUserAgent(text(random))
                                .setStatusCode(random.nextInt())
                                .setContentLength(random.nextLong())
                                .setApplicationId(app)
                                .setInstanceIndex(random.nextInt())
                                .setInstanceId(text(random))
                                .addForwarded(text(random))
                                .addForwarded(text(random)));
            }
            case 1 ->
                envelope.setEventType(EventType.LogMessage)
                        .setLogMessage(LogMessage.newBuilder()
                                .setMessage(ByteString.copyFromUtf8(text(random)))
                                .setMessageType(LogMessage.MessageType.forNumber(1 + random.nextInt(2)))
                                .setTimestamp(envelope.getTimestamp())
                                .setAppId(sourceId)
                                .setSourceType(text(random))
                                .setSourceInstance(text(random)));
            case 2 ->
                envelope.setEventType(EventType.ValueMetric)
                        .setValueMetric(ValueMetric.newBuilder()
                                .setName(text(random))
                                .setValue(random.nextGaussian())
                                .setUnit(text(random)));
            case 3 ->
                envelope.setEventType(EventType.CounterEvent)
                        .setCounterEvent(CounterEvent.newBuilder()
                                .setName(text(random))
                                .setDelta(random.nextInt(3))
                                .setTotal(random.nextLong()));
            case 4 ->
                envelope.setEventType(EventType.Error)
                        .setError(ErrorFactory.Error.newBuilder()
                                .setSource(text(random))
                                .setCode(random.nextInt())
                                .setMessage(text(random)));
            default ->
                envelope.setEventType(EventType.ContainerMetric)
                        .setContainerMetric(ContainerMetric.newBuilder()
                                .setApplicationId(sourceId)
                                .setInstanceIndex(random.nextInt())
                                .setCpuPercentage(random.nextDouble())
                                .setMemoryBytes(random.nextLong() >>> 11)
                                .setDiskBytes(random.nextInt(100))
                                .setMemoryBytesQuota(0)
                                .setDiskBytesQuota(random.nextInt(100)));
        }
        return envelope.putTags("source_id", sourceId).build();
    }

    @Property(tries = 5000)
    void aCompleteV1EnvelopeComesBackAsItWas(@ForAll long seed, @ForAll boolean preferredTags)
            throws InvalidProtocolBufferException {
        Envelope v1 = complete(new Random(seed));
        byte[] bytes = v1.toByteArray();
        ByteSink v2 = new ByteSink(1 << 20);
        assertThat(converter.convert(bytes, 0, bytes.length, preferredTags, v2)).isTrue();
        BareV1 back = new BareV1();
        assertThat(renderer.render(v2.bytes(), 0, v2.end(), back)).isEqualTo(1);
        assertThat(Envelope.parseFrom(back.envelope(0))).isEqualTo(v1);
    }

    @Property(tries = 20000)
    void whateverComesInOnlySoundV2ComesOut(@ForAll long seed) {
        Generated generated = new Generated(seed);
        byte[] bytes = generated.mutated(complete(generated.random()).toByteArray());
        byte[] whole = generated.surrounded(bytes);
        ByteSink v2 = new ByteSink(1 << 20);
        boolean converted = converter.convert(whole, 16, whole.length - 16, true, v2);
        ByteSink again = new ByteSink(1 << 20);
        assertThat(new V1ToV2(1 << 20).convert(bytes, 0, bytes.length, true, again))
                .isEqualTo(converted);
        assertThat(Arrays.copyOf(again.bytes(), again.end())).isEqualTo(Arrays.copyOf(v2.bytes(), v2.end()));
        if (converted) {
            byte[] batch = Generated.record(Arrays.copyOf(v2.bytes(), v2.end()));
            BatchCursor cursor = new BatchCursor(true).over(batch, 0, batch.length);
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.valid()).isTrue();
        }
    }
}
