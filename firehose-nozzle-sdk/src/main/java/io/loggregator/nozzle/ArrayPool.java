package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.Space;
import java.util.ArrayDeque;

/** Arrays for messages, used again. Keeps no more bytes than it is told; any thread may use it. */
final class ArrayPool implements Space {
    private static final int SMALLEST = 8;
    private static final int LARGEST = 20;

    // By the exponent of their length, from SMALLEST on; guarded by this.
    private final ArrayDeque<byte[]>[] free;
    private final long limit;
    private long kept; // guarded by this

    @SuppressWarnings({"unchecked", "rawtypes"})
    ArrayPool(long limit) {
        this.limit = limit;
        free = new ArrayDeque[LARGEST - SMALLEST + 1];
        for (int i = 0; i < free.length; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    @Override
    public byte[] take(int atLeast) {
        int exponent = Math.max(SMALLEST, 32 - Integer.numberOfLeadingZeros(atLeast - 1));
        if (exponent > LARGEST) {
            return new byte[atLeast];
        }
        synchronized (this) {
            byte[] array = free[exponent - SMALLEST].pollLast();
            if (array != null) {
                kept -= array.length;
                return array;
            }
        }
        return new byte[1 << exponent];
    }

    @Override
    public void giveBack(byte[] array) {
        int exponent = Integer.numberOfTrailingZeros(array.length);
        if (exponent < SMALLEST || exponent > LARGEST || array.length != 1 << exponent) {
            return;
        }
        synchronized (this) {
            if (kept + array.length <= limit) {
                kept += array.length;
                free[exponent - SMALLEST].addLast(array);
            }
        }
    }
}
