package io.loggregator.wire.v1;

/** Whole numbers read from decimal text: an optional sign and digits. Anything else, and what is out of range, is 0. */
final class NumberText {
    private NumberText() {}

    static int int32(byte[] bytes, int from, int to) {
        long value = int64(bytes, from, to);
        return value == (int) value ? (int) value : 0;
    }

    static long int64(byte[] bytes, int from, int to) {
        if (from == to) {
            return 0;
        }
        boolean signed = bytes[from] == '-' || bytes[from] == '+';
        int p = signed ? from + 1 : from;
        if (p == to) {
            return 0;
        }
        boolean negative = bytes[from] == '-';
        long value = 0;
        // Counted downwards, where there is room for the smallest number.
        for (; p < to; p++) {
            int digit = bytes[p] - '0';
            if (digit < 0 || digit > 9 || value < Long.MIN_VALUE / 10) {
                return 0;
            }
            value = value * 10 - digit;
            if (value > 0) {
                return 0;
            }
        }
        if (!negative && value == Long.MIN_VALUE) {
            return 0;
        }
        return negative ? value : -value;
    }
}
