package io.loggregator.trafficcontroller.edge;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Percent escapes, as Go's {@code net/url} reads and writes them. A string of bytes is one char, 0 to 255, per byte, as
 * Netty hands over what stood on the wire.
 */
final class PercentCoding {
    private static final String UNRESERVED = "-_.~";
    private static final String PLAIN_IN_PATH = UNRESERVED + "$&+,/:;=@";
    private static final String PLAIN_ON_WIRE = PLAIN_IN_PATH + "!'()*?%";
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PercentCoding() {}

    /** The bytes that the escapes of a path stand for, each as a char; null if an escape is broken. */
    static String decodePath(String raw) {
        return decode(raw, false);
    }

    /** The text that a key or value of a query stands for; null if an escape is broken. Not UTF-8 becomes U+FFFD. */
    static String decodeQuery(String raw) {
        String bytes = decode(raw, true);
        return bytes == null ? null : new String(bytes(bytes), StandardCharsets.UTF_8);
    }

    /** The text of bytes; null if they are not UTF-8. */
    static String utf8(String bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(bytes)))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** A path with escapes where a path needs them. */
    static String encodePath(String bytes) {
        return encode(bytes, PLAIN_IN_PATH, false);
    }

    /**
     * A request target in which the bytes that RFC 3986 does not allow are escaped; it means the same. Broken escapes stay,
     * and so do control characters: they are for {@link Target} to refuse.
     */
    static String tolerant(String target) {
        int query = target.indexOf('?');
        String path = encode(query < 0 ? target : target.substring(0, query), PLAIN_ON_WIRE, true);
        return query < 0 ? path : path + '?' + encode(target.substring(query + 1), PLAIN_ON_WIRE, true);
    }

    /** The same target with broken escapes in the query made whole, for readers that take nothing else. */
    static String wholeQuery(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query + 1) + escapeLonePercents(target.substring(query + 1));
    }

    private static String escapeLonePercents(String query) {
        if (query.indexOf('%') < 0) {
            return query;
        }
        StringBuilder out = new StringBuilder(query.length());
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            out.append(c);
            if (c == '%' && escaped(query, i) < 0) {
                out.append("25");
            }
        }
        return out.toString();
    }

    private static String decode(String raw, boolean plusIsSpace) {
        if (raw.indexOf('%') < 0 && !plusIsSpace) {
            return raw;
        }
        StringBuilder out = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                int value = escaped(raw, i);
                if (value < 0) {
                    return null;
                }
                out.append((char) value);
                i += 2;
            } else {
                out.append(c == '+' && plusIsSpace ? ' ' : c);
            }
        }
        return out.toString();
    }

    /** The byte of the escape at the index; negative if it is none. */
    private static int escaped(String raw, int index) {
        if (index + 2 >= raw.length()) {
            return -1;
        }
        int high = digit(raw.charAt(index + 1));
        int low = digit(raw.charAt(index + 2));
        return high < 0 || low < 0 ? -1 : (high << 4) | low;
    }

    /** ASCII digits only, unlike {@link Character#digit(char, int)}. */
    private static int digit(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static String encode(String bytes, String plain, boolean keepControls) {
        StringBuilder out = new StringBuilder(bytes.length());
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            if (isAlphanumeric(c) || plain.indexOf(c) >= 0) {
                out.append(c);
            } else if (keepControls && (c <= ' ' || c == 0x7F)) {
                out.append(c);
            } else {
                out.append('%').append(HEX[(c >> 4) & 15]).append(HEX[c & 15]);
            }
        }
        return out.toString();
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static byte[] bytes(String bytes) {
        return bytes.getBytes(StandardCharsets.ISO_8859_1);
    }
}
