package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;

/**
 * UUIDs as 36 characters of text and as the two numbers of a v1 UUID: {@code low} is the first eight bytes read
 * little-endian, {@code high} the last eight.
 *
 * <p>As in the Go release, text of 36 characters is read whatever stands where the dashes belong.
 */
public final class UuidText {
    /** Length of the text, in bytes. */
    public static final int LENGTH = 36;

    // Where the two digits of each byte lie.
    private static final int[] DIGITS = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
    private static final int[] DASHES = {8, 13, 18, 23};

    private UuidText() {}

    /** Whether {@code bytes[from, to)} is the text of a UUID, its digits in lower or upper case. */
    public static boolean isUuid(byte[] bytes, int from, int to) {
        if (to - from != LENGTH) {
            return false;
        }
        for (int at : DIGITS) {
            if ((digit(bytes[from + at]) | digit(bytes[from + at + 1])) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The low half of a UUID whose text starts at {@code from}. */
    public static long low(byte[] bytes, int from) {
        return half(bytes, from, 0);
    }

    /** The high half of a UUID whose text starts at {@code from}. */
    public static long high(byte[] bytes, int from) {
        return half(bytes, from, 8);
    }

    private static long half(byte[] bytes, int from, int first) {
        long half = 0;
        for (int i = 7; i >= 0; i--) {
            int at = from + DIGITS[first + i];
            half = half << 8 | (long) digit(bytes[at]) << 4 | digit(bytes[at + 1]);
        }
        return half;
    }

    private static int digit(int character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        int letter = character | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    /** Writes the canonical text, in lower case: {@value #LENGTH} bytes from {@code at}. */
    public static void write(long low, long high, byte[] bytes, int at) {
        for (int i = 0; i < 16; i++) {
            int octet = (int) ((i < 8 ? low : high) >>> (8 * (i & 7))) & 0xFF;
            bytes[at + DIGITS[i]] = (byte) Character.forDigit(octet >>> 4, 16);
            bytes[at + DIGITS[i] + 1] = (byte) Character.forDigit(octet & 15, 16);
        }
        for (int dash : DASHES) {
            bytes[at + dash] = '-';
        }
    }

    /**
     * Writes the canonical form of the text {@code bytes[from, to)} into an array of at least {@value #LENGTH} bytes.
     *
     * @return false if it is not the text of a UUID; then nothing is written
     */
    public static boolean normalise(byte[] bytes, int from, int to, byte[] into36) {
        if (!isUuid(bytes, from, to)) {
            return false;
        }
        write(low(bytes, from), high(bytes, from), into36, 0);
        return true;
    }

    /** The size of a v1 UUID message. */
    static int messageSize(long low, long high) {
        return 2 + ByteSink.varintSize(low) + ByteSink.varintSize(high);
    }
}
