package io.loggregator.wire.v1;

import java.util.Arrays;

/**
 * Where rendered v1 envelopes go: a growing array in which each envelope is preceded by free bytes for a frame header.
 * Whoever extends it frames each envelope where it lies and bounds how much gathers.
 */
public abstract class V1Output {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;

    /** The bytes written so far lie in {@code bytes[0, end)}; the array is replaced when it grows. */
    protected byte[] bytes = new byte[4096];

    /** Behind the last byte that counts. */
    protected int end;

    protected V1Output() {}

    /** How many bytes stay free before each envelope; 0 and more. */
    protected int headroom() {
        return 0;
    }

    /**
     * How many bytes stay free before an envelope of this length, for frame headers whose size depends on it; {@link
     * #headroom()} unless overridden.
     */
    protected int headroom(int length) {
        return headroom();
    }

    /**
     * An envelope lies at {@code bytes[from, to)}, behind its headroom. Must set {@link #end} behind what is to be
     * kept, usually {@code to}.
     */
    protected abstract void finished(int from, int to);

    /** Makes room for an envelope of this length and answers where it starts. */
    final int begin(int length) {
        int from = end + headroom(length);
        long wanted = (long) from + length;
        if (wanted > bytes.length) {
            if (wanted > LARGEST_ARRAY) {
                throw new OutOfMemoryError("v1 output above " + LARGEST_ARRAY + " bytes");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(LARGEST_ARRAY, Math.max(wanted, 2L * bytes.length)));
        }
        return from;
    }
}
