package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

/** Few tags and many, of both forms, and the texts that are kept. */
class TagsTest {
    @Test
    void anyNumberOfTagsIsAMap() {
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < 2 * FewTags.MOST; i++) {
            assertThat(envelope(tags, Map.of()).tags()).isEqualTo(tags).hasSameHashCodeAs(tags);
            tags.put("key-" + i, "value-" + i);
            assertThat(envelope(tags, Map.of()).tags()).containsKey("key-" + i).doesNotContainKey("none");
        }
    }

    @Test
    void ofTheOlderFormCountsWhatTheNewerDoesNotHave() {
        Map<String, String> tags = new HashMap<>(Map.of("job", "cell", "index", "0"));
        Map<String, String> older = Map.of("job", "router", "ip", "10.0.0.1");
        for (int i = 0; i < FewTags.MOST; i++) {
            Map<String, String> expected = new HashMap<>(tags);
            expected.put("ip", "10.0.0.1");
            assertThat(envelope(tags, older).tags()).isEqualTo(expected);
            tags.put("key-" + i, "value-" + i);
        }
    }

    @Test
    void ofTwoValuesForAKeyTheLastCounts() {
        byte[] once = envelope(Map.of("job", "cell"), Map.of()).bytesOf();
        byte[] again = envelope(Map.of("job", "router"), Map.of()).bytesOf();
        byte[] both = new byte[once.length + again.length];
        System.arraycopy(once, 0, both, 0, once.length);
        System.arraycopy(again, 0, both, once.length, again.length);

        assertThat(new Tagged(both).tags()).containsExactly(Map.entry("job", "router"));
    }

    @Test
    void tagsCannotBeChanged() {
        Map<String, String> tags = envelope(Map.of("job", "cell"), Map.of()).tags();

        assertThatThrownBy(() -> tags.put("job", "router")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(tags::clear).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> tags.entrySet().iterator().next().setValue("router"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void textsThatComeAgainAreTheSameObjectsAndAnyBytesAreRead() {
        byte[] origin = "gorouter".getBytes(StandardCharsets.UTF_8);
        byte[] accented = "ünï€ode 😀".getBytes(StandardCharsets.UTF_8);
        byte[] broken = {'a', (byte) 0xFF, 'b'};

        assertThat(Texts.of(origin, 0, origin.length)).isSameAs(Texts.of(origin, 0, origin.length));
        for (int i = 0; i < 2; i++) {
            assertThat(Texts.of(accented, 0, accented.length)).isEqualTo("ünï€ode 😀");
            assertThat(Texts.of(broken, 0, broken.length)).isEqualTo("a\uFFFDb");
            assertThat(Texts.of(origin, 2, 2)).isEmpty();
        }
    }

    /** One envelope's encoded form, read by the library. */
    private record Tagged(byte[] bytesOf) {
        Map<String, String> tags() {
            byte[] batch = Batch.of(bytesOf, 0, bytesOf.length);
            return Batch.of(batch).iterator().next().tags();
        }
    }

    private static Tagged envelope(Map<String, String> tags, Map<String, String> older) {
        LoggregatorEnvelope.Envelope.Builder envelope =
                LoggregatorEnvelope.Envelope.newBuilder().setSourceId("app").putAllTags(tags);
        older.forEach((key, value) -> envelope.putDeprecatedTags(
                key, Value.newBuilder().setText(value).build()));
        return new Tagged(EnvelopeBatch.newBuilder()
                .addBatch(envelope)
                .build()
                .getBatch(0)
                .toByteArray());
    }
}
