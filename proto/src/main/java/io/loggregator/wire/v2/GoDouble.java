package io.loggregator.wire.v2;

import io.loggregator.wire.ByteSink;
import java.nio.charset.StandardCharsets;

/**
 * Doubles as Go writes them: with as few digits as tell them apart, very large and very small ones with an exponent.
 */
final class GoDouble {
    private static final double LARGE = 1e21;
    private static final double SMALL_IN_JSON = 1e-6;
    private static final double SMALL_IN_TEXT = 1e-4;
    /** Up to there all whole numbers are exact, and the digits of their integer are the shortest. */
    private static final double WHOLE = 1L << 53;

    private GoDouble() {}

    /** A JSON number, or the string that proto3's JSON has for what is none. */
    static void json(double value, ByteSink out) {
        if (Double.isFinite(value)) {
            finite(value, SMALL_IN_JSON, 1, out);
        } else {
            ascii(Double.isNaN(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"", out);
        }
    }

    /** As {@code fmt.Sprint}. */
    static void text(double value, ByteSink out) {
        if (Double.isFinite(value)) {
            finite(value, SMALL_IN_TEXT, 2, out);
        } else {
            ascii(Double.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf", out);
        }
    }

    private static void finite(double value, double small, int exponentDigits, ByteSink out) {
        if (Double.doubleToRawLongBits(value) < 0) {
            out.raw('-');
        }
        double size = Math.abs(value);
        if (size <= WHOLE && size == Math.rint(size)) {
            out.digits((long) size);
            return;
        }
        String shown = Double.toString(size);
        int e = shown.indexOf('E');
        int exponent = e < 0 ? 0 : Integer.parseInt(shown.substring(e + 1));
        String mantissa = e < 0 ? shown : shown.substring(0, e);
        int dot = mantissa.indexOf('.');
        String all = mantissa.substring(0, dot) + mantissa.substring(dot + 1);
        int first = 0;
        while (all.charAt(first) == '0') {
            first++;
        }
        int last = all.length();
        while (all.charAt(last - 1) == '0') {
            last--;
        }
        String digits = all.substring(first, last);
        // The value is 0.digits times ten to this power.
        int power = dot + exponent - first;
        if (size < small || size >= LARGE) {
            scientific(digits, power - 1, exponentDigits, out);
        } else {
            plain(digits, power, out);
        }
    }

    private static void plain(String digits, int power, ByteSink out) {
        if (power <= 0) {
            ascii("0." + "0".repeat(-power) + digits, out);
        } else if (power >= digits.length()) {
            ascii(digits + "0".repeat(power - digits.length()), out);
        } else {
            ascii(digits.substring(0, power) + "." + digits.substring(power), out);
        }
    }

    private static void scientific(String digits, int exponent, int exponentDigits, ByteSink out) {
        String power = Integer.toString(Math.abs(exponent));
        ascii(
                digits.charAt(0)
                        + (digits.length() > 1 ? "." + digits.substring(1) : "")
                        + (exponent < 0 ? "e-" : "e+")
                        + "0".repeat(Math.max(0, exponentDigits - power.length()))
                        + power,
                out);
    }

    private static void ascii(String text, ByteSink out) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        out.raw(bytes, 0, bytes.length);
    }
}
