package io.loggregator.stream.log;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Arrays of thinned segments that are gone, for others of the same length. A log that thins all the time would otherwise leave
 * behind, in the old generation, what only a full collection takes away.
 */
final class Spares {
    /** Lengths in each doubling, so that arrays fit others by and by; at most an eighth of one is not used. */
    private static final int STEPS = 8;

    private final long limit;
    private final Map<Integer, ArrayDeque<byte[]>> byLength = new HashMap<>();
    private long bytes;

    /** @param limit bytes to hold; beyond, those go of whose length there is most */
    Spares(long limit) {
        this.limit = limit;
    }

    /** An array, whatever is in it, with room for so many bytes; the one that there is, unless another would be shorter. */
    byte[] take(int room, byte[] present) {
        int length = lengthFor(room);
        return present.length >= room && present.length <= length ? present : take(length);
    }

    private byte[] take(int length) {
        ArrayDeque<byte[]> arrays = byLength.get(length);
        if (arrays == null) {
            return new byte[length];
        }
        bytes -= length;
        byte[] array = arrays.pop();
        if (arrays.isEmpty()) {
            byLength.remove(length);
        }
        return array;
    }

    /** Nobody uses an array any more. */
    void give(byte[] array) {
        if (array.length != lengthFor(array.length)) {
            return;
        }
        byLength.computeIfAbsent(array.length, first -> new ArrayDeque<>()).push(array);
        bytes += array.length;
        while (bytes > limit) {
            // Sizes that come often are used as often; the one that is rare would be missed.
            take(lengthOfMost());
        }
    }

    private int lengthOfMost() {
        int lengthOfMost = 0;
        long most = -1;
        for (Map.Entry<Integer, ArrayDeque<byte[]>> arrays : byLength.entrySet()) {
            long all = (long) arrays.getKey() * arrays.getValue().size();
            if (all > most) {
                most = all;
                lengthOfMost = arrays.getKey();
            }
        }
        return lengthOfMost;
    }

    /** Lets all of them go. */
    void clear() {
        byLength.clear();
        bytes = 0;
    }

    /** Bytes of all arrays that wait here. */
    long bytes() {
        return bytes;
    }

    private static int lengthFor(int room) {
        int step = Math.max(1, Integer.highestOneBit(room) / STEPS);
        return (room + step - 1) / step * step;
    }
}
