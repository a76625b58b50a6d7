package io.loggregator.wire.v2;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.Generated;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

/** The two forms of tags, against protobuf's own parser. */
class TagFormTest {
    private final TagForm preferred = new TagForm(true);
    private final TagForm deprecated = new TagForm(false);
    private final ByteSink out = new ByteSink(32 << 20);

    @Test
    void preferredTagsAreCopiedOverByDeprecatedOnes() throws Exception {
        Envelope envelope = Envelope.newBuilder()
                .putTags("a", "tag")
                .putTags("b", "tag")
                .putDeprecatedTags("b", text("deprecated"))
                .putDeprecatedTags("i", Value.newBuilder().setInteger(-42).build())
                .putDeprecatedTags("d", Value.newBuilder().setDecimal(1.5).build())
                .putDeprecatedTags("large", Value.newBuilder().setDecimal(1e21).build())
                .putDeprecatedTags(
                        "small", Value.newBuilder().setDecimal(0.00001).build())
                .putDeprecatedTags("whole", Value.newBuilder().setDecimal(123).build())
                .putDeprecatedTags("nothing", Value.getDefaultInstance())
                .build();

        Envelope rendered = render(preferred, envelope);

        assertThat(rendered.getDeprecatedTagsMap()).isEmpty();
        assertThat(rendered.getTagsMap())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "a", "tag",
                        "b", "deprecated",
                        "i", "-42",
                        "d", "1.5",
                        "large", "1e+21",
                        "small", "1e-05",
                        "whole", "123"));
    }

    @Test
    void deprecatedTagsAreCopiedOverByPreferredOnes() throws Exception {
        Envelope envelope = Envelope.newBuilder()
                .putTags("a", "tag")
                .putTags("b", "tag")
                .putDeprecatedTags("b", Value.newBuilder().setInteger(7).build())
                .putDeprecatedTags("d", Value.newBuilder().setDecimal(1.5).build())
                .build();

        Envelope rendered = render(deprecated, envelope);

        assertThat(rendered.getTagsMap()).isEmpty();
        assertThat(rendered.getDeprecatedTagsMap())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "a", text("tag"),
                        "b", text("tag"),
                        "d", Value.newBuilder().setDecimal(1.5).build()));
    }

    @Property(tries = 5000)
    void everythingButTheTagsStaysAsItIs(@ForAll long seed) throws Exception {
        Generated generated = new Generated(seed);
        Envelope envelope = generated.envelope();
        byte[] bytes = generated.unusualBytes(envelope);
        Envelope meant;
        try {
            meant = EnvelopeBatch.parseFrom(Generated.record(bytes)).getBatch(0);
        } catch (InvalidProtocolBufferException e) {
            return; // what no parser takes is not accepted
        }
        for (TagForm form : new TagForm[] {preferred, deprecated}) {
            byte[] whole = generated.surrounded(bytes);
            assertThat(form.render(whole, 16, whole.length - 16, out.reset())).isTrue();
            Envelope rendered = rendered();

            assertThat(rendered.toBuilder().clearTags().clearDeprecatedTags().build())
                    .isEqualTo(
                            meant.toBuilder().clearTags().clearDeprecatedTags().build());
            assertThat(form.has(rendered.toByteArray(), 0, rendered.getSerializedSize()))
                    .isTrue();
            assertThat(form.has(bytes, 0, bytes.length))
                    .isEqualTo(form == preferred ? meant.getDeprecatedTagsCount() == 0 : meant.getTagsCount() == 0);
            assertThat(
                            form == preferred
                                    ? rendered.getTagsMap().keySet()
                                    : rendered.getDeprecatedTagsMap().keySet())
                    .containsAll(form == preferred ? meant.getTagsMap().keySet() : keys(meant));
        }
    }

    @Property(tries = 5000)
    void whateverComesInNothingUnsoundComesOut(@ForAll long seed) throws Exception {
        Generated generated = new Generated(seed);
        byte[] bytes = generated.mutated(generated.unusualBytes(generated.envelope()));
        for (TagForm form : new TagForm[] {preferred, deprecated}) {
            byte[] whole = generated.surrounded(bytes);
            form.has(whole, 16, whole.length - 16);
            if (!form.render(whole, 16, whole.length - 16, out.reset())) {
                assertThat(out.end()).isZero();
            }
        }
    }

    private static Set<String> keys(Envelope envelope) {
        Map<String, Object> keys = new TreeMap<>(envelope.getTagsMap());
        keys.putAll(envelope.getDeprecatedTagsMap());
        return keys.keySet();
    }

    private Envelope render(TagForm form, Envelope envelope) throws Exception {
        byte[] bytes = envelope.toByteArray();
        assertThat(form.has(bytes, 0, bytes.length)).isFalse();
        assertThat(form.render(bytes, 0, bytes.length, out.reset())).isTrue();
        return rendered();
    }

    private Envelope rendered() throws Exception {
        CodedInputStream in = CodedInputStream.newInstance(out.bytes(), 0, out.end());
        // A batch is one level more.
        in.setRecursionLimit(200);
        return EnvelopeBatch.parseFrom(in).getBatch(0);
    }

    private static Value text(String text) {
        return Value.newBuilder().setText(text).build();
    }
}
