package io.loggregator.wire.v2;

import io.loggregator.wire.Digits;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * Doubles as the shortest decimal that reads back as the same double, the closest one of these, laid out as Go lays
 * them out. {@code Double.toString} is neither shortest before Java 19 nor ever free of allocation.
 *
 * <p>The digits are found as in Raffaele Giulietti's "The Schubfach way to render doubles": of the multiples of a power
 * of ten near the double and the borders between it and its neighbours, at most two or the one that is ten times as
 * coarse come into question.
 */
final class ShortestDecimal {
    /** How many bytes are written at most. */
    static final int MOST = 32;

    private static final byte[] NAN = ascii("NaN");
    private static final byte[] INFINITE = ascii("+Inf");
    private static final byte[] NEGATIVE_INFINITE = ascii("-Inf");

    private static final int LEAST_POWER = -324;
    private static final int LARGEST_POWER = 292;
    private static final long MASK_63 = Long.MAX_VALUE;
    private static final long FRACTION = (1L << 52) - 1;
    private static final int LEAST_EXPONENT = -1074;

    // 10^-k as a number of 126 bits, rounded up, for each k: its upper and its lower 63 bits.
    private static final long[] UPPER = new long[LARGEST_POWER - LEAST_POWER + 1];
    private static final long[] LOWER = new long[LARGEST_POWER - LEAST_POWER + 1];

    static {
        for (int k = LEAST_POWER; k <= LARGEST_POWER; k++) {
            int shift = 125 - floorLog2Pow10(-k);
            BigInteger power = BigInteger.TEN.pow(Math.abs(k));
            BigInteger g;
            if (k <= 0) {
                g = shift >= 0 ? power.shiftLeft(shift) : power.shiftRight(-shift);
            } else {
                g = BigInteger.ONE.shiftLeft(shift).divide(power);
            }
            g = g.add(BigInteger.ONE);
            UPPER[k - LEAST_POWER] = g.shiftRight(63).longValueExact();
            LOWER[k - LEAST_POWER] = g.and(BigInteger.valueOf(MASK_63)).longValueExact();
        }
    }

    private ShortestDecimal() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** As Go's {@code %v} writes it: with an exponent below 1e-4 and from 1e6 on; not finite: NaN, +Inf, -Inf. */
    static int tag(double value, byte[] out, int at) {
        if (!Double.isFinite(value)) {
            byte[] name = Double.isNaN(value) ? NAN : value > 0 ? INFINITE : NEGATIVE_INFINITE;
            System.arraycopy(name, 0, out, at, name.length);
            return at + name.length;
        }
        return write(value, out, at, 1e6, -4, 5, 2);
    }

    /** As Go writes JSON numbers: with an exponent below 1e-6 and from 1e21 on. Only if the value is finite. */
    static int json(double value, byte[] out, int at) {
        return write(value, out, at, 1e15, -6, 20, 1);
    }

    // Whole numbers below a limit are their own digits; scales outside the plain ones are written with an exponent.
    private static int write(
            double value, byte[] out, int at, double wholeBelow, int leastPlain, int largestPlain, int exponentDigits) {
        int p = at;
        long bits = Double.doubleToRawLongBits(value);
        if (bits < 0) {
            out[p++] = '-';
        }
        double size = Math.abs(value);
        if (size < wholeBelow && size == (long) size) {
            return Digits.put(out, p, (long) size);
        }
        // First the digits, one place further right than they may stay; then the point.
        int start = p + 1;
        int found = digits(bits & Long.MAX_VALUE, out, start);
        int count = found >>> 16;
        int scale = (short) found + count - 1;
        if (scale < leastPlain || scale > largestPlain) {
            return exponential(out, p, count, scale, exponentDigits);
        }
        return plain(out, p, count, scale);
    }

    // The digits lie one behind at; the first of them has the place value 10^scale.
    private static int plain(byte[] out, int at, int count, int scale) {
        if (scale < 0) {
            int zeros = -scale - 1;
            System.arraycopy(out, at + 1, out, at + 2 + zeros, count);
            out[at] = '0';
            out[at + 1] = '.';
            for (int i = 0; i < zeros; i++) {
                out[at + 2 + i] = '0';
            }
            return at + 2 + zeros + count;
        }
        int whole = scale + 1;
        if (count <= whole) {
            System.arraycopy(out, at + 1, out, at, count);
            for (int i = count; i < whole; i++) {
                out[at + i] = '0';
            }
            return at + whole;
        }
        System.arraycopy(out, at + 1, out, at, whole);
        out[at + whole] = '.';
        return at + 1 + count;
    }

    private static int exponential(byte[] out, int at, int count, int scale, int exponentDigits) {
        out[at] = out[at + 1];
        int p = at + 1;
        if (count > 1) {
            out[p] = '.';
            p += count;
        }
        out[p++] = 'e';
        out[p++] = (byte) (scale < 0 ? '-' : '+');
        int exponent = Math.abs(scale);
        if (exponent < 10 && exponentDigits == 2) {
            out[p++] = '0';
        }
        return Digits.put(out, p, exponent);
    }

    /**
     * Writes the digits of a positive double without zeros at their end.
     *
     * @return how many there are in the upper 16 bits; the power of ten of the last of them in the lower 16
     */
    private static int digits(long bits, byte[] out, int at) {
        int biased = (int) (bits >>> 52);
        long fraction = bits & FRACTION;
        int q = biased == 0 ? LEAST_EXPONENT : biased - 1075;
        long c = biased == 0 ? fraction : FRACTION + 1 + fraction;
        // Below a power of two the neighbour is only half as far.
        boolean even = fraction != 0 || biased <= 1;
        int k = even ? floorLog10Pow2(q) : floorLog10ThreeQuartersPow2(q);
        int h = q + floorLog2Pow10(-k) + 2;
        long upper = UPPER[k - LEAST_POWER];
        long lower = LOWER[k - LEAST_POWER];
        long middle = scaled(upper, lower, (4 * c) << h);
        long left = scaled(upper, lower, (4 * c - (even ? 2 : 1)) << h);
        long right = scaled(upper, lower, (4 * c + 2) << h);
        long digits = shortest(middle, left, right, c & 1);
        int power = k;
        while (digits % 10 == 0) {
            digits /= 10;
            power++;
        }
        return ((Digits.put(out, at, digits) - at) << 16) | (power & 0xFFFF);
    }

    // All three are four times what they stand for; a border counts as inside if the double is even.
    private static long shortest(long middle, long left, long right, long odd) {
        long below = middle >>> 2;
        long coarse = below / 10 * 10;
        boolean coarseIn = left + odd <= 4 * coarse;
        boolean coarseAboveIn = 4 * (coarse + 10) + odd <= right;
        if (below >= 10 && coarseIn != coarseAboveIn) {
            return coarseIn ? coarse : coarse + 10;
        }
        boolean belowIn = left + odd <= 4 * below;
        boolean aboveIn = 4 * (below + 1) + odd <= right;
        if (belowIn != aboveIn) {
            return belowIn ? below : below + 1;
        }
        long beyondHalf = middle - 2 * (2 * below + 1);
        return beyondHalf < 0 || (beyondHalf == 0 && (below & 1) == 0) ? below : below + 1;
    }

    // The product's upper part; its lowest bit tells whether anything was cut off.
    private static long scaled(long upper, long lower, long c) {
        long carried = ((upper * c) >>> 1) + Math.multiplyHigh(lower, c);
        long high = Math.multiplyHigh(upper, c) + (carried >>> 63);
        return high | (((carried & MASK_63) + MASK_63) >>> 63);
    }

    private static int floorLog2Pow10(int e) {
        return (int) ((e * 913_124_641_741L) >> 38);
    }

    private static int floorLog10Pow2(int e) {
        return (int) ((e * 661_971_961_083L) >> 41);
    }

    private static int floorLog10ThreeQuartersPow2(int e) {
        return (int) ((e * 661_971_961_083L - 274_743_187_321L) >> 41);
    }
}
