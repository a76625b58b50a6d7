package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.Space;
import java.util.ArrayDeque;

/**
 * Arrays for messages, used again. They have four lengths between a power of two and the next, so that a fifth of one is empty
 * at most, the smallest apart. Keeps no more bytes than it is told; any thread may use it.
 */
final class ArrayPool implements Space {
    private static final int SMALLEST_EXPONENT = 8;
    private static final int SMALLEST = 1 << SMALLEST_EXPONENT;
    private static final int LARGEST = 1 << 20;

    // By length; guarded by this.
    private final ArrayDeque<byte[]>[] free;
    private final long limit;
    private long kept; // guarded by this

    @SuppressWarnings({"unchecked", "rawtypes"})
    ArrayPool(long limit) {
        this.limit = limit;
        free = new ArrayDeque[index(LARGEST) + 1];
        for (int i = 0; i < free.length; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    /** Which of the lengths is the least that has room. */
    private static int index(int atLeast) {
        if (atLeast <= SMALLEST) {
            return 0;
        }
        int exponent = 31 - Integer.numberOfLeadingZeros(atLeast - 1);
        return 4 * (exponent - SMALLEST_EXPONENT) + ((atLeast - 1) >> (exponent - 2)) - 3;
    }

    private static int length(int index) {
        if (index == 0) {
            return SMALLEST;
        }
        return (5 + (index - 1) % 4) << ((index - 1) / 4 + SMALLEST_EXPONENT - 2);
    }

    @Override
    public byte[] take(int atLeast) {
        if (atLeast > LARGEST) {
            return new byte[atLeast];
        }
        int index = index(atLeast);
        synchronized (this) {
            byte[] array = free[index].pollLast();
            if (array != null) {
                kept -= array.length;
                return array;
            }
        }
        return new byte[length(index)];
    }

    @Override
    public void giveBack(byte[] array) {
        if (array.length > LARGEST) {
            return;
        }
        int index = index(array.length);
        if (array.length != length(index)) {
            return;
        }
        synchronized (this) {
            if (kept + array.length <= limit) {
                kept += array.length;
                free[index].addLast(array);
            }
        }
    }
}
