package io.loggregator.wire.v2;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;

/** What the writer writes is what the generated classes would have written. */
class EnvelopeWriterTest {
    private final EnvelopeWriter writer = new EnvelopeWriter();

    @Property
    void everyKindReadsAsItWasMeant(
            @ForAll long timestamp,
            @ForAll("texts") String text,
            @ForAll("texts") String other,
            @ForAll long delta,
            @ForAll long total,
            @ForAll double value)
            throws Exception {
        writer.begin(timestamp, text, other).tag("origin", other).counter(text, delta, total);
        writer.begin(timestamp, other, "").tags(Map.of("a", text)).gauge(text, other, value);
        writer.begin(timestamp, text, text).event(text, other);
        writer.begin(timestamp, text, text).errorLog(other);

        byte[] bytes = writer.batch();

        EnvelopeBatch meant = EnvelopeBatch.newBuilder()
                .addBatch(envelope(timestamp, text, other)
                        .putTags("origin", other)
                        .setCounter(Counter.newBuilder()
                                .setName(text)
                                .setDelta(delta)
                                .setTotal(total)))
                .addBatch(envelope(timestamp, other, "")
                        .putTags("a", text)
                        .setGauge(Gauge.newBuilder()
                                .putMetrics(
                                        text,
                                        GaugeValue.newBuilder()
                                                .setUnit(other)
                                                .setValue(value)
                                                .build())))
                .addBatch(envelope(timestamp, text, text)
                        .setEvent(Event.newBuilder().setTitle(text).setBody(other)))
                .addBatch(envelope(timestamp, text, text)
                        .setLog(Log.newBuilder()
                                .setPayload(ByteString.copyFromUtf8(other))
                                .setType(Log.Type.ERR)))
                .build();
        assertThat(EnvelopeBatch.parseFrom(bytes)).isEqualTo(meant);
        assertThat(writer.batch()).as("begun anew").isEmpty();
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().ascii().ofMaxLength(200).edgeCases(edges -> edges.add("", "größer"));
    }

    private static Envelope.Builder envelope(long timestamp, String sourceId, String instanceId) {
        return Envelope.newBuilder()
                .setTimestamp(timestamp)
                .setSourceId(sourceId)
                .setInstanceId(instanceId);
    }
}
