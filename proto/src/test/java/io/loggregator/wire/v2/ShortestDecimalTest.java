package io.loggregator.wire.v2;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ShortestDecimalTest {
    private static String tag(double value) {
        byte[] out = new byte[ShortestDecimal.MOST];
        return new String(out, 0, ShortestDecimal.tag(value, out, 0), StandardCharsets.US_ASCII);
    }

    private static String json(double value) {
        byte[] out = new byte[ShortestDecimal.MOST];
        return new String(out, 0, ShortestDecimal.json(value, out, 0), StandardCharsets.US_ASCII);
    }

    private static void check(double value) {
        assertThat(tag(value)).isEqualTo(GoDecimal.tag(value));
        if (Double.isFinite(value)) {
            assertThat(json(value)).isEqualTo(GoDecimal.json(value));
            assertThat(Double.doubleToRawLongBits(Double.parseDouble(json(value))))
                    .isEqualTo(Double.doubleToRawLongBits(value));
        }
    }

    @Example
    void tagsAreLaidOutAsGoPrintsValues() {
        assertThat(tag(0)).isEqualTo("0");
        assertThat(tag(-0.0)).isEqualTo("-0");
        assertThat(tag(1.5)).isEqualTo("1.5");
        assertThat(tag(123)).isEqualTo("123");
        assertThat(tag(-999_999.5)).isEqualTo("-999999.5");
        assertThat(tag(1e6)).isEqualTo("1e+06");
        assertThat(tag(123_456_789)).isEqualTo("1.23456789e+08");
        assertThat(tag(1e21)).isEqualTo("1e+21");
        assertThat(tag(0.0001)).isEqualTo("0.0001");
        assertThat(tag(0.00001)).isEqualTo("1e-05");
        assertThat(tag(1e100)).isEqualTo("1e+100");
        assertThat(tag(Double.NaN)).isEqualTo("NaN");
        assertThat(tag(Double.POSITIVE_INFINITY)).isEqualTo("+Inf");
        assertThat(tag(Double.NEGATIVE_INFINITY)).isEqualTo("-Inf");
    }

    @Example
    void jsonNumbersAreLaidOutAsGoMarshalsThem() {
        assertThat(json(0)).isEqualTo("0");
        assertThat(json(0.5)).isEqualTo("0.5");
        assertThat(json(123_456_789)).isEqualTo("123456789");
        assertThat(json(1e20)).isEqualTo("100000000000000000000");
        assertThat(json(1.2345678901234568e17)).isEqualTo("123456789012345680");
        assertThat(json(1e21)).isEqualTo("1e+21");
        assertThat(json(1e-6)).isEqualTo("0.000001");
        assertThat(json(1e-7)).isEqualTo("1e-7");
        assertThat(json(-1.5e-10)).isEqualTo("-1.5e-10");
        assertThat(json(1 / 3.0)).isEqualTo("0.3333333333333333");
        assertThat(json(Double.parseDouble("2e23"))).isEqualTo("2e+23");
        assertThat(json(Double.MIN_VALUE)).isEqualTo("5e-324");
        assertThat(json(Double.MAX_VALUE)).isEqualTo("1.7976931348623157e+308");
    }

    @Example
    void powersOfTwoAndTenAndTheirNeighbours() {
        for (int e = -1074; e <= 1023; e++) {
            double power = Math.scalb(1.0, e);
            check(power);
            check(-Math.nextUp(power));
            check(Math.nextDown(power));
        }
        for (int e = -323; e <= 308; e++) {
            double power = Double.parseDouble("1e" + e);
            check(power);
            check(Math.nextUp(power));
            check(-Math.nextDown(power));
        }
    }

    @Property(tries = 20000)
    void anyBits(@ForAll long bits) {
        check(Double.longBitsToDouble(bits));
    }

    @Property(tries = 20000)
    void fewDigits(@ForAll int digits, @ForAll byte scale) {
        check(digits / Math.pow(10, scale % 30));
        check((double) digits * digits * digits);
    }
}
