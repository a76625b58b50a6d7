package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class BatchFramingTest {
    @Test
    void aBatchOfWholeEnvelopesIsSound() {
        assertThat(sound(0x0A, 0x02, 0x08, 0x01, 0x0A, 0x00)).isTrue();
        assertThat(BatchFraming.sound(new byte[0], 0, 0)).isTrue();
    }

    @Test
    void whatLiesInsideAnEnvelopeDoesNotMatter() {
        assertThat(sound(0x0A, 0x02, 0xFF, 0xFF)).isTrue();
    }

    @Test
    void otherFieldsAreSkipped() {
        assertThat(sound(0x10, 0x05, 0x0A, 0x00)).isTrue();
    }

    @Test
    void anEnvelopeThatReachesBeyondTheEndIsUnsound() {
        assertThat(sound(0x0A, 0x03, 0x08, 0x01)).isFalse();
        assertThat(sound(0x0A)).isFalse();
        assertThat(sound(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F)).isFalse();
    }

    @Test
    void theBatchFieldWithAnotherWireTypeIsUnsound() {
        assertThat(sound(0x08, 0x01)).isFalse();
    }

    @Property
    void agreesWithTheCursor(@ForAll byte[] bytes) {
        BatchCursor cursor = new BatchCursor(false).over(bytes, 0, bytes.length);
        while (cursor.next()) {
            // to the end
        }
        assertThat(BatchFraming.sound(bytes, 0, bytes.length)).isEqualTo(cursor.sound());
    }

    private static boolean sound(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return BatchFraming.sound(bytes, 0, bytes.length);
    }
}
