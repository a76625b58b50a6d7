package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

class TagFinderTest {
    @Property(tries = 2000)
    void findsWhatTheParserFinds(@ForAll long seed) {
        Generated generated = new Generated(seed);
        byte[] envelope = generated.unusualBytes(generated.envelope());
        Envelope parsed;
        try {
            parsed = Envelope.parseFrom(envelope);
        } catch (InvalidProtocolBufferException e) {
            return; // what is not sound never comes so far
        }
        TreeSet<String> names = new TreeSet<>(List.of("organization_id", ""));
        names.addAll(parsed.getTagsMap().keySet());
        names.addAll(parsed.getDeprecatedTagsMap().keySet());
        List<String> keys = new ArrayList<>(names);
        TagFinder finder = new TagFinder(keys);
        byte[] apart = Generated.concat(List.of(new byte[7], envelope, new byte[9]));

        finder.find(apart, 7, apart.length - 9);

        for (int i = 0; i < keys.size(); i++) {
            String found = finder.from(i) < 0
                    ? null
                    : new String(Arrays.copyOfRange(apart, finder.from(i), finder.to(i)), StandardCharsets.UTF_8);
            assertThat(found).as(keys.get(i)).isEqualTo(wanted(parsed, keys.get(i)));
        }
    }

    private static String wanted(Envelope envelope, String key) {
        String tag = envelope.getTagsMap().get(key);
        Value older = envelope.getDeprecatedTagsMap().get(key);
        return tag != null || older == null || older.getDataCase() != Value.DataCase.TEXT ? tag : older.getText();
    }

    @Test
    void whatOneEnvelopeHadIsNotFoundInTheNext() {
        TagFinder finder = new TagFinder(List.of("space_id"));
        byte[] tagged = Envelope.newBuilder().putTags("space_id", "s").build().toByteArray();
        finder.find(tagged, 0, tagged.length);
        assertThat(finder.from(0)).isPositive();
        finder.find(new byte[0], 0, 0);
        assertThat(finder.from(0)).isNegative();
    }
}
