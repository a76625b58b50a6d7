package io.loggregator.stream.recent;

/**
 * An open-addressing multimap from a hash to non-zero ids, of fixed capacity. It knows nothing about keys: the caller
 * walks the candidates of a hash and compares. Linear probing; removal closes the hole, so there are no tombstones.
 *
 * <pre>{@code
 * for (int slot = index.first(hash); !index.isEmpty(slot); slot = index.after(slot)) {
 *     if (index.hash(slot) == hash && same(index.id(slot))) ...
 * }
 * }</pre>
 */
final class HashIndex {
    private static final int SPREAD = 0x9E3779B9;

    /** Hash in the upper half, id in the lower; 0 is an empty slot. */
    private final long[] slots;

    private final int mask;
    private final int shift;
    private final int limit;
    private int size;

    /** @param capacity slots, a power of two and at least 4; three quarters of them are ever filled */
    HashIndex(int capacity) {
        slots = new long[capacity];
        mask = capacity - 1;
        shift = Integer.numberOfLeadingZeros(mask);
        limit = (int) (capacity * 3L / 4);
    }

    static long footprint(int capacity) {
        return Footprint.array((long) capacity * Long.BYTES) + Footprint.OBJECT;
    }

    int size() {
        return size;
    }

    /** Whether so many more ids can be added. */
    boolean hasRoom(int ids) {
        return size + ids <= limit;
    }

    int first(int hash) {
        return (hash * SPREAD) >>> shift;
    }

    int after(int slot) {
        return (slot + 1) & mask;
    }

    boolean isEmpty(int slot) {
        return slots[slot] == 0;
    }

    int hash(int slot) {
        return (int) (slots[slot] >>> 32);
    }

    int id(int slot) {
        return (int) slots[slot];
    }

    /** Adds an id that is not yet under this hash; the caller has made sure that the index is not full. */
    void add(int hash, int id) {
        if (!hasRoom(1)) {
            throw new IllegalStateException("index is full");
        }
        int slot = first(hash);
        while (slots[slot] != 0) {
            slot = after(slot);
        }
        slots[slot] = ((long) hash << 32) | (id & 0xFFFFFFFFL);
        size++;
    }

    /** Removes an id that is under this hash. */
    void remove(int hash, int id) {
        long entry = ((long) hash << 32) | (id & 0xFFFFFFFFL);
        int slot = first(hash);
        while (slots[slot] != entry) {
            if (slots[slot] == 0) {
                throw new IllegalStateException("no such id in the index");
            }
            slot = after(slot);
        }
        size--;
        closeHole(slot);
    }

    private void closeHole(int emptied) {
        int hole = emptied;
        for (int slot = after(hole); slots[slot] != 0; slot = after(slot)) {
            int fromHome = (slot - first(hash(slot))) & mask;
            int fromHole = (slot - hole) & mask;
            if (fromHome >= fromHole) {
                slots[hole] = slots[slot];
                hole = slot;
            }
        }
        slots[hole] = 0;
    }
}
