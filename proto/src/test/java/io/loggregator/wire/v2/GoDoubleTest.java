package io.loggregator.wire.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.wire.ByteSink;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class GoDoubleTest {
    private final ByteSink out = new ByteSink(1000);

    private String text(double value) {
        GoDouble.text(value, out.reset());
        return new String(out.bytes(), 0, out.end(), StandardCharsets.US_ASCII);
    }

    private String json(double value) {
        GoDouble.json(value, out.reset());
        return new String(out.bytes(), 0, out.end(), StandardCharsets.US_ASCII);
    }

    private void check(double value) {
        assertThat(text(value)).isEqualTo(GoDecimal.tag(value));
        if (Double.isFinite(value)) {
            assertThat(json(value)).isEqualTo(GoDecimal.json(value));
        }
    }

    @Example
    void wholeNumbersFromAMillionOnHaveAnExponentAsText() {
        assertThat(text(999_999)).isEqualTo("999999");
        assertThat(text(1e6)).isEqualTo("1e+06");
        assertThat(text(123_456_789)).isEqualTo("1.23456789e+08");
        assertThat(json(123_456_789)).isEqualTo("123456789");
    }

    @Example
    void powersOfTwoAndTenAndTheirNeighbours() {
        for (int e = -1074; e <= 1023; e++) {
            check(Math.scalb(1.0, e));
            check(-Math.nextUp(Math.scalb(1.0, e)));
        }
        for (int e = -323; e <= 308; e++) {
            double power = Double.parseDouble("1e" + e);
            check(power);
            check(Math.nextUp(power));
        }
    }

    @Property(tries = 20000)
    void anyBits(@ForAll long bits) {
        check(Double.longBitsToDouble(bits));
    }
}
