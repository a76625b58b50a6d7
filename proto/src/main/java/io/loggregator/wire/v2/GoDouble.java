package io.loggregator.wire.v2;

import io.loggregator.wire.ByteSink;
import java.nio.charset.StandardCharsets;

/** Doubles as Go writes them, appended to a sink. */
public final class GoDouble {
    private static final byte[] NAN = ascii("\"NaN\"");
    private static final byte[] INFINITY = ascii("\"Infinity\"");
    private static final byte[] NEGATIVE_INFINITY = ascii("\"-Infinity\"");

    private GoDouble() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A JSON number, or the string that proto3's JSON has for what is none. */
    static void json(double value, ByteSink out) {
        if (!Double.isFinite(value)) {
            byte[] name = Double.isNaN(value) ? NAN : value > 0 ? INFINITY : NEGATIVE_INFINITY;
            out.raw(name, 0, name.length);
        } else if (out.room(ShortestDecimal.MOST)) {
            out.end(ShortestDecimal.json(value, out.bytes(), out.end()));
        }
    }

    /** As {@code fmt.Sprint}. */
    public static void text(double value, ByteSink out) {
        if (out.room(ShortestDecimal.MOST)) {
            out.end(ShortestDecimal.tag(value, out.bytes(), out.end()));
        }
    }
}
