package io.loggregator.wire;

import java.util.Arrays;

/**
 * Numbers the distinct keys of a map in the order in which they first occur. A few keys are compared one by one; with
 * more of them a hash table keeps the work in proportion to the bytes.
 */
public final class KeyIndex {
    private static final int FEW = 16;

    private final int limit;
    private byte[] bytes = {};
    private int[] starts = new int[FEW];
    private int[] ends = new int[FEW];
    private int[] table = {};
    private int count;
    // Which keys cannot be among the few: a bit for some of what tells keys apart.
    private long seen;

    /** @param limit how many keys at most */
    public KeyIndex(int limit) {
        this.limit = limit;
    }

    /** Forgets all keys; the next ones lie in these bytes. */
    public void reset(byte[] source) {
        bytes = source;
        count = 0;
        seen = 0;
        if (starts.length > 1024) {
            starts = new int[FEW];
            ends = new int[FEW];
            table = new int[0];
        }
    }

    /** How many distinct keys there are. */
    public int count() {
        return count;
    }

    /** Where the key lies, counted from 0 in the order of first occurrence. */
    public int start(int number) {
        return starts[number];
    }

    public int end(int number) {
        return ends[number];
    }

    /** The number of the key, {@link #count()} before the call if it is new; -1 if it is one too many. */
    public int number(int from, int to) {
        if (count <= FEW) {
            long bit = from == to ? 1 : 1L << (bytes[from] + 7 * bytes[to - 1] + 29 * (to - from));
            boolean fresh = (seen & bit) == 0;
            seen |= bit;
            for (int i = fresh ? count : 0; i < count; i++) {
                if (same(i, from, to)) {
                    return i;
                }
            }
            return add(from, to);
        }
        int mask = table.length - 1;
        for (int i = BatchCursor.hash(bytes, from, to) & mask; ; i = (i + 1) & mask) {
            int number = table[i] - 1;
            if (number < 0) {
                return add(from, to);
            }
            if (same(number, from, to)) {
                return number;
            }
        }
    }

    private boolean same(int number, int from, int to) {
        int start = starts[number];
        int length = to - from;
        return ends[number] - start == length
                && (length == 0
                        || (bytes[start] == bytes[from]
                                && Arrays.equals(bytes, start, start + length, bytes, from, to)));
    }

    private int add(int from, int to) {
        if (count == limit) {
            return -1;
        }
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        starts[count] = from;
        ends[count] = to;
        count++;
        if (count > FEW) {
            index();
        }
        return count - 1;
    }

    private void index() {
        if (count == FEW + 1 || 2 * count > table.length) {
            if (2 * count > table.length) {
                table = new int[8 * Integer.highestOneBit(count)];
            } else {
                Arrays.fill(table, 0);
            }
            for (int i = 0; i < count; i++) {
                enter(i);
            }
        } else {
            enter(count - 1);
        }
    }

    private void enter(int number) {
        int mask = table.length - 1;
        int i = BatchCursor.hash(bytes, starts[number], ends[number]) & mask;
        while (table[i] != 0) {
            i = (i + 1) & mask;
        }
        table[i] = number + 1;
    }
}
