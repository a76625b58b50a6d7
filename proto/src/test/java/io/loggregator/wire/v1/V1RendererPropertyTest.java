package io.loggregator.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.Generated;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

class V1RendererPropertyTest {
    private final V1Renderer renderer = new V1Renderer(2000);

    /** An output with room for a frame header whose bytes must stay as they are. */
    private static final class Framed extends V1Output {
        private int count;

        @Override
        protected int headroom() {
            return 4;
        }

        @Override
        protected void finished(int from, int to) {
            assertThat(from).isEqualTo(end + 4);
            EventFactory.Envelope v1 = parsed(Arrays.copyOfRange(bytes, from, to));
            assertThat(v1.isInitialized()).isTrue();
            assertThat(v1.getUnknownFields().asMap()).isEmpty();
            count++;
            end = to;
        }
    }

    private static EventFactory.Envelope parsed(byte[] bytes) {
        try {
            return EventFactory.Envelope.parseFrom(bytes);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Property(tries = 30000)
    void whateverComesInOnlyReadableEnvelopesComeOut(@ForAll long seed) {
        Generated generated = new Generated(seed);
        byte[] bytes = generated.unusualBytes(generated.envelope());
        if (generated.random().nextBoolean()) {
            bytes = generated.mutated(bytes);
        }
        byte[] whole = generated.surrounded(bytes);
        Framed out = new Framed();
        int written = renderer.render(whole, 16, whole.length - 16, out);
        assertThat(out.count).isEqualTo(written);
        assertThat(written == 0).isEqualTo(renderer.skipped() != V1Renderer.NOT_SKIPPED);
        byte[] framed = Arrays.copyOf(out.bytes, out.end);
        // Neither what lies around the envelope nor what was rendered before plays a part.
        Framed again = new Framed();
        assertThat(new V1Renderer(2000).render(bytes, 0, bytes.length, again)).isEqualTo(written);
        assertThat(Arrays.copyOf(again.bytes, again.end)).isEqualTo(framed);
    }

    @Property(tries = 10000)
    void tagsAndTheCursorsAnswerAgreeWithTheParser(@ForAll long seed) throws Exception {
        Generated generated = new Generated(seed);
        byte[] bytes = generated.unusualBytes(generated.envelope());
        byte[] batch = Generated.record(bytes);
        BatchCursor cursor = new BatchCursor(true).over(batch, 0, batch.length);
        assertThat(cursor.next()).isTrue();
        BareV1 out = new BareV1();
        int written = new V1Renderer(1 << 20).render(bytes, 0, bytes.length, out);
        if (!cursor.valid() || written == 0) {
            return;
        }
        Envelope v2 = Envelope.parseFrom(bytes);
        EventFactory.Envelope v1 = parsed(out.envelope(0));
        assertThat(v1.getEventType() == EventFactory.Envelope.EventType.LogMessage)
                .isEqualTo(cursor.isV1Log());
        Map<String, String> tags = new HashMap<>(v2.getTagsMap());
        v2.getDeprecatedTagsMap().forEach((key, value) -> {
            switch (value.getDataCase()) {
                case TEXT -> tags.put(key, value.getText());
                case INTEGER -> tags.put(key, Long.toString(value.getInteger()));
                case DECIMAL -> tags.put(key, "%.6f".formatted(value.getDecimal()));
                case DATA_NOT_SET -> {}
            }
        });
        if (!v2.getSourceId().isEmpty()) {
            tags.put("source_id", v2.getSourceId());
        }
        boolean metric = v1.hasCounterEvent() || v1.hasValueMetric();
        if (metric && !v2.getInstanceId().isEmpty()) {
            tags.put("instance_id", v2.getInstanceId());
        }
        for (String gone : new String[] {"__v1_type", "origin", "deployment", "job", "index", "ip"}) {
            tags.remove(gone);
        }
        if (v1.hasLogMessage()) {
            tags.remove("source_type");
        }
        assertThat(v1.getTagsMap().keySet()).isEqualTo(tags.keySet());
        tags.forEach((key, value) -> {
            if (v2.getDeprecatedTagsOrDefault(key, Value.getDefaultInstance()).getDataCase()
                    != Value.DataCase.DECIMAL) {
                assertThat(v1.getTagsMap()).containsEntry(key, value);
            }
        });
        assertThat(v1.getOrigin()).isEqualTo(field(v2, "origin"));
        assertThat(v1.getTimestamp()).isEqualTo(v2.getTimestamp());
    }

    private static String field(Envelope v2, String key) {
        if (v2.containsTags(key)) {
            return v2.getTagsOrThrow(key);
        }
        Value value = v2.getDeprecatedTagsOrDefault(key, Value.getDefaultInstance());
        return switch (value.getDataCase()) {
            case TEXT -> value.getText();
            case INTEGER -> Long.toString(value.getInteger());
            case DECIMAL ->
                new java.math.BigDecimal(value.getDecimal())
                        .setScale(6, java.math.RoundingMode.HALF_EVEN)
                        .toPlainString();
            case DATA_NOT_SET -> "";
        };
    }
}
