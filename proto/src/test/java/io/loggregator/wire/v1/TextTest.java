package io.loggregator.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.wire.ByteSink;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** How numbers and UUIDs are written as text and read from it. */
class TextTest {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Example
    void theCheckValueOfAUuid() {
        byte[] text = ascii("f47ac10b-58cc-4372-a567-0e02b2c3d479");
        assertThat(UuidText.low(text, 0)).isEqualTo(0x7243cc580bc17af4L);
        assertThat(UuidText.high(text, 0)).isEqualTo(0x79d4c3b2020e67a5L);
    }

    @Property
    void uuidsAreTheSameAsTheJdks(@ForAll long most, @ForAll long least) {
        UUID uuid = new UUID(most, least);
        byte[] text = ascii(uuid.toString());
        assertThat(UuidText.low(text, 0)).isEqualTo(Long.reverseBytes(most));
        assertThat(UuidText.high(text, 0)).isEqualTo(Long.reverseBytes(least));
        byte[] written = new byte[40];
        UuidText.write(UuidText.low(text, 0), UuidText.high(text, 0), written, 4);
        assertThat(new String(written, 4, 36, StandardCharsets.US_ASCII)).isEqualTo(uuid.toString());
    }

    @Example
    void uuidsAreMadeCanonical() {
        byte[] into = new byte[36];
        byte[] text = ascii("<F47AC10B.58CC.4372.A567.0E02B2C3D479>");
        assertThat(UuidText.normalise(text, 1, 37, into)).isTrue();
        assertThat(into).isEqualTo(ascii("f47ac10b-58cc-4372-a567-0e02b2c3d479"));
        assertThat(UuidText.normalise(text, 0, 36, into)).isFalse();
        assertThat(UuidText.normalise(text, 1, 36, into)).isFalse();
    }

    private static String decimal(double value) {
        ByteSink out = new ByteSink(1000);
        DecimalText.write(value, out);
        return new String(out.bytes(), 0, out.end(), StandardCharsets.US_ASCII);
    }

    @Example
    void decimalsHaveSixDigitsBehindThePoint() {
        assertThat(decimal(123)).isEqualTo("123.000000");
        assertThat(decimal(-1.5)).isEqualTo("-1.500000");
        assertThat(decimal(0.1)).isEqualTo("0.100000");
        assertThat(decimal(-0.0)).isEqualTo("-0.000000");
        assertThat(decimal(1e21)).isEqualTo("1000000000000000000000.000000");
        assertThat(decimal(0.5e-6)).isEqualTo("0.000000");
        assertThat(decimal(Double.NaN)).isEqualTo("NaN");
        assertThat(decimal(Double.POSITIVE_INFINITY)).isEqualTo("+Inf");
        assertThat(decimal(Double.NEGATIVE_INFINITY)).isEqualTo("-Inf");
    }

    @Property
    void decimalsAreRoundedExactly(@ForAll double value) {
        String exact =
                new BigDecimal(value).abs().setScale(6, RoundingMode.HALF_EVEN).toPlainString();
        assertThat(decimal(Math.abs(value))).isEqualTo(exact);
        assertThat(decimal(-Math.abs(value))).isEqualTo("-" + exact);
    }

    @Property
    void wholeNumbersAreReadAsTheyAreWritten(@ForAll long value, @ForAll int small) {
        ByteSink out = new ByteSink(100).digits(value);
        byte[] text = Long.toString(value).getBytes(StandardCharsets.US_ASCII);
        assertThat(out.end()).isEqualTo(text.length);
        assertThat(out.bytes()).startsWith(text);
        assertThat(NumberText.int64(text, 0, text.length)).isEqualTo(value);
        byte[] smallText = ascii("+" + Math.abs((long) small));
        assertThat(NumberText.int64(smallText, 0, smallText.length)).isEqualTo(Math.abs((long) small));
    }

    @Example
    void numbersOutOfRangeAreZero() {
        for (String text :
                new String[] {"9223372036854775808", "-9223372036854775809", "99999999999999999999", "+", ""}) {
            assertThat(NumberText.int64(ascii(text), 0, text.length())).as(text).isZero();
        }
        byte[] smallest = ascii("-9223372036854775808");
        assertThat(NumberText.int64(smallest, 0, smallest.length)).isEqualTo(Long.MIN_VALUE);
        assertThat(NumberText.int32(ascii("2147483648"), 0, 10)).isZero();
        assertThat(NumberText.int32(ascii("-2147483648"), 0, 11)).isEqualTo(Integer.MIN_VALUE);
    }
}
