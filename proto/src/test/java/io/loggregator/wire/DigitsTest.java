package io.loggregator.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class DigitsTest {
    private static void check(long value) {
        byte[] bytes = new byte[2 + Digits.MOST];
        int end = Digits.put(bytes, 1, value);
        assertThat(new String(bytes, 1, end - 1, StandardCharsets.US_ASCII)).isEqualTo(Long.toString(value));
        end = Digits.putUnsigned(bytes, 1, value);
        assertThat(new String(bytes, 1, end - 1, StandardCharsets.US_ASCII)).isEqualTo(Long.toUnsignedString(value));
    }

    @Example
    void numbersAtTheBordersBetweenLengths() {
        check(0);
        check(Long.MIN_VALUE);
        check(Long.MAX_VALUE);
        for (long power = 1; power > 0 && power <= 1_000_000_000_000_000_000L; power *= 10) {
            for (long value = power - 2; value <= power + 2; value++) {
                check(value);
                check(-value);
            }
            if (power == 1_000_000_000_000_000_000L) {
                break;
            }
        }
    }

    @Property
    void anyNumber(@ForAll long value, @ForAll byte shift) {
        check(value >> (shift & 63));
    }
}
