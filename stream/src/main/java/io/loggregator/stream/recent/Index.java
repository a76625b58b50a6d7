package io.loggregator.stream.recent;

/**
 * A multimap from a hash to entries, as chains over a table of fixed size. It knows nothing about keys: the caller walks
 * the entries from {@link #first} on and compares.
 */
final class Index {
    private static final int SPREAD = 0x9E3779B9;

    private final Entry[] table;
    private final int shift;

    /** What can be found by its hash. */
    abstract static class Entry {
        final int hash;
        /** The next entry with the same place, of whatever hash. */
        Entry next;

        Entry(int hash) {
            this.hash = hash;
        }
    }

    /** @param places a power of two, at least 2 */
    Index(int places) {
        table = new Entry[places];
        shift = Integer.numberOfLeadingZeros(places - 1);
    }

    static long footprint(int places) {
        return Footprint.array((long) places * Footprint.REFERENCE);
    }

    int places() {
        return table.length;
    }

    /** The first entry that may have this hash, or null. */
    Entry first(int hash) {
        return table[place(hash)];
    }

    Entry at(int place) {
        return table[place];
    }

    void add(Entry entry) {
        int place = place(entry.hash);
        entry.next = table[place];
        table[place] = entry;
    }

    /** Removes an entry that is in the index; whoever is at it in a walk goes on from it as before. */
    void remove(Entry entry) {
        int place = place(entry.hash);
        if (table[place] == entry) {
            table[place] = entry.next;
        } else {
            Entry before = table[place];
            while (before.next != entry) {
                before = before.next;
            }
            before.next = entry.next;
        }
    }

    private int place(int hash) {
        return (hash * SPREAD) >>> shift;
    }
}
