package io.loggregator.wire;

/** Whether bytes are well-formed UTF-8 (Unicode, table 3-7: no surrogates, nothing overlong or above U+10FFFF). */
public final class Utf8 {
    private static final long TOP_BITS = 0x8080808080808080L;

    private Utf8() {}

    /** Whether the bytes of the range, which lies in the array, are well-formed UTF-8. */
    public static boolean valid(byte[] bytes, int from, int to) {
        int p = from;
        while (to - p >= 8) {
            if ((ProtoBytes.long64(bytes, p) & TOP_BITS) != 0) {
                return validFrom(bytes, p, to);
            }
            p += 8;
        }
        int rest = to - p;
        if (rest == 0) {
            return true;
        }
        if (bytes.length - p >= 8) {
            // One read for the last few bytes; what lies behind them is masked away.
            long tops = ProtoBytes.long64(bytes, p) & TOP_BITS >>> (64 - 8 * rest);
            return tops == 0 || validFrom(bytes, p, to);
        }
        return validFrom(bytes, p, to);
    }

    /** Whether the bytes of the range, which lies in the array, are all below 128. */
    public static boolean ascii(byte[] b, int from, int to) {
        long all = 0;
        int p = from;
        for (; to - p >= 8; p += 8) {
            all |= ProtoBytes.long64(b, p);
        }
        if (p < to) {
            if (to - from >= 8) {
                all |= ProtoBytes.long64(b, to - 8);
            } else {
                for (; p < to; p++) {
                    all |= b[p];
                }
            }
        }
        return (all & TOP_BITS) == 0;
    }

    private static boolean validFrom(byte[] bytes, int from, int to) {
        int p = from;
        while (p < to) {
            if (bytes[p] >= 0) {
                p++;
                continue;
            }
            int length = sequence(bytes, p, to);
            if (length == 0) {
                return false;
            }
            p += length;
        }
        return true;
    }

    /** Length of the well-formed sequence of two to four bytes at {@code p}; 0 if there is none. */
    private static int sequence(byte[] bytes, int p, int to) {
        int first = bytes[p] & 0xFF;
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (to - p < length) {
            return 0;
        }
        int second = bytes[p + 1] & 0xFF;
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[p + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /**
     * The last border between characters at or before {@code at}, so that a cut there splits no character. Bytes that
     * are not UTF-8 are left as they are: then the answer is {@code at}.
     */
    public static int borderBefore(byte[] bytes, int from, int at, int to) {
        if (at >= to) {
            return to;
        }
        for (int p = at; p >= from && at - p < 4; p--) {
            if ((bytes[p] & 0xC0) != 0x80) {
                int length = bytes[p] >= 0 ? 1 : sequence(bytes, p, to);
                return p + length > at ? p : at;
            }
        }
        return at;
    }
}
