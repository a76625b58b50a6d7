package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;

/** Decimals as C's and Go's {@code %f} writes them: six digits after the point, never an exponent. */
final class DecimalText {
    private static final byte[] NO_FRACTION = ascii(".000000");
    private static final byte[] NAN = ascii("NaN");
    private static final byte[] INFINITE = ascii("+Inf");
    private static final byte[] NEGATIVE_INFINITE = ascii("-Inf");

    private DecimalText() {}

    static void write(double value, ByteSink out) {
        if (Double.isNaN(value)) {
            text(NAN, out);
        } else if (Double.isInfinite(value)) {
            text(value > 0 ? INFINITE : NEGATIVE_INFINITE, out);
        } else {
            boolean negative = Double.doubleToRawLongBits(value) < 0;
            double size = Math.abs(value);
            if (negative) {
                out.raw('-');
            }
            if (size < 1e18 && size == Math.rint(size)) {
                out.digits((long) size);
                text(NO_FRACTION, out);
            } else {
                text(
                        ascii(new BigDecimal(size)
                                .setScale(6, RoundingMode.HALF_EVEN)
                                .toPlainString()),
                        out);
            }
        }
    }

    private static void text(byte[] ascii, ByteSink out) {
        out.raw(ascii, 0, ascii.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
