package io.loggregator.wire.v2;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Doubles as Go writes them, found by trying: an oracle for tests. */
final class GoDecimal {
    private GoDecimal() {}

    /** As {@code fmt.Sprint}. */
    static String tag(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return text(value, Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6, "e%s%02d");
    }

    /** As {@code encoding/json}. */
    static String json(double value) {
        return text(value, Math.abs(value) < 1e-6 || Math.abs(value) >= 1e21, "e%s%d");
    }

    private static String text(double value, boolean exponential, String exponent) {
        String sign = Double.doubleToRawLongBits(value) < 0 ? "-" : "";
        if (value == 0) {
            return sign + "0";
        }
        BigDecimal shortest = shortest(Math.abs(value));
        if (!exponential) {
            return sign + shortest.toPlainString();
        }
        String digits = shortest.unscaledValue().toString();
        int scale = digits.length() - 1 - shortest.scale();
        String point = digits.length() > 1 ? "." : "";
        return sign
                + digits.charAt(0)
                + point
                + digits.substring(1)
                + exponent.formatted(scale < 0 ? "-" : "+", Math.abs(scale));
    }

    // The closest one of the fewest digits that read back.
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; ; digits++) {
            BigDecimal near = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (near.doubleValue() == value) {
                return near.stripTrailingZeros();
            }
            // Next to a power of two the closest may be outside and the one on the other side inside.
            for (RoundingMode side : new RoundingMode[] {RoundingMode.DOWN, RoundingMode.UP}) {
                BigDecimal other = exact.round(new MathContext(digits, side));
                if (other.doubleValue() == value) {
                    return other.stripTrailingZeros();
                }
            }
        }
    }
}
