package io.loggregator.wire;

/** Whole numbers as decimal digits, two at a time. */
public final class Digits {
    /** How many bytes a number takes at most, its sign included. */
    public static final int MOST = 20;

    // Two characters each.
    private static final byte[] PAIRS = new byte[200];
    private static final long[] POWERS = new long[19];

    static {
        for (int i = 0; i < 100; i++) {
            PAIRS[2 * i] = (byte) ('0' + i / 10);
            PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
        }
        long power = 1;
        for (int i = 0; i < POWERS.length; i++, power *= 10) {
            POWERS[i] = power;
        }
    }

    private Digits() {}

    /** How many digits the number has, 0 and more: 1 to 19. */
    public static int count(long value) {
        int least = ((64 - Long.numberOfLeadingZeros(value | 1)) * 1233) >>> 12;
        return least + (least < POWERS.length && (value | 1) >= POWERS[least] ? 1 : 0);
    }

    /** Writes a number, for which the array has room, and answers the offset behind it. */
    public static int put(byte[] bytes, int at, long value) {
        if (value >= 0) {
            return putPositive(bytes, at, value);
        }
        bytes[at] = '-';
        return putUnsigned(bytes, at + 1, -value);
    }

    /** The same for a number whose 64 bits are read without a sign. */
    public static int putUnsigned(byte[] bytes, int at, long value) {
        if (value >= 0) {
            return putPositive(bytes, at, value);
        }
        long tens = Long.divideUnsigned(value, 10);
        int last = putPositive(bytes, at, tens);
        bytes[last] = (byte) ('0' + (value - tens * 10));
        return last + 1;
    }

    private static int putPositive(byte[] bytes, int at, long value) {
        int end = at + count(value);
        int p = end;
        long rest = value;
        while (rest >= 10) {
            long hundreds = rest / 100;
            int pair = 2 * (int) (rest - hundreds * 100);
            bytes[--p] = PAIRS[pair + 1];
            bytes[--p] = PAIRS[pair];
            rest = hundreds;
        }
        if (p > at) {
            bytes[at] = (byte) ('0' + rest);
        }
        return end;
    }
}
