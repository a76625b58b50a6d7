package io.loggregator.stream.log;

import java.util.Arrays;

/** A stretch of the log: batch bytes without gaps, and for each batch where it ends and what had been counted by then. */
final class Segment {
    /** Memory an entry of the index takes. */
    static final int INDEX_BYTES = 4 + 4 + 4 + 8;

    /** Entries that an index has at first, unless fewer are needed. */
    static final int FIRST_INDEX = 64;

    /** A segment of so small batches that the index would take more than 5/8 of the data is full before its time. */
    private static final int LEAST_BYTES_AN_ENTRY = 32;

    final byte[] data;
    final long base;
    final long envelopesBefore;
    final long logsBefore;
    private int used;
    private int entries;
    private int[] ends;
    private int[] envelopes;
    private int[] logs;
    private long[] millis;

    /** @param index how many batches the index has room for at first */
    Segment(byte[] data, int index, long base, long envelopesBefore, long logsBefore) {
        this.data = data;
        this.ends = new int[index];
        this.envelopes = new int[index];
        this.logs = new int[index];
        this.millis = new long[index];
        this.base = base;
        this.envelopesBefore = envelopesBefore;
        this.logsBefore = logsBefore;
    }

    boolean fits(int length) {
        return data.length - used >= length && entries < data.length / LEAST_BYTES_AN_ENTRY;
    }

    /** Returns by how many bytes the index grew. */
    int append(byte[] bytes, int from, int to, int envelopeCount, int logCount, long now) {
        System.arraycopy(bytes, from, data, used, to - from);
        used += to - from;
        int grown = 0;
        if (entries == ends.length) {
            int size = Math.min(entries * 2, data.length / LEAST_BYTES_AN_ENTRY);
            grown = (size - entries) * INDEX_BYTES;
            ends = Arrays.copyOf(ends, size);
            envelopes = Arrays.copyOf(envelopes, size);
            logs = Arrays.copyOf(logs, size);
            millis = Arrays.copyOf(millis, size);
        }
        ends[entries] = used;
        envelopes[entries] = countBefore(envelopes, entries) + envelopeCount;
        logs[entries] = countBefore(logs, entries) + logCount;
        millis[entries] = now;
        entries++;
        return grown;
    }

    long memory() {
        return data.length + (long) ends.length * INDEX_BYTES;
    }

    long end() {
        return base + used;
    }

    long envelopesBefore(long position) {
        return envelopesBefore + countBefore(envelopes, entryAt(position));
    }

    long logsBefore(long position) {
        return logsBefore + countBefore(logs, entryAt(position));
    }

    long arrivalAt(long position) {
        return millis[entryAt(position)];
    }

    long lastArrival() {
        return millis[entries - 1];
    }

    /** First position of a batch that arrived at or after {@code time}; {@link #end()} if none did. */
    long positionAt(long time) {
        for (int i = 0; i < entries; i++) {
            if (millis[i] >= time) {
                return base + startOf(i);
            }
        }
        return end();
    }

    long borderFrom(long position) {
        int offset = Math.toIntExact(position - base);
        int found = Arrays.binarySearch(ends, 0, entries, offset);
        return offset == 0 || found >= 0 ? position : base + ends[-found - 1];
    }

    void read(long position, long limit, int maxBytes, Span into) {
        int first = entryAt(position);
        int start = startOf(first);
        long stop = Math.min(Math.min(limit - base, used), (long) start + maxBytes);
        int last = first;
        // Spans are short against a segment, so walking beats searching.
        while (last + 1 < entries && ends[last + 1] <= stop) {
            last++;
        }
        into.bytes = data;
        into.start = start;
        into.end = ends[last];
        into.from = position;
        into.to = base + ends[last];
        into.envelopes = envelopes[last] - countBefore(envelopes, first);
        into.logs = logs[last] - countBefore(logs, first);
        into.firstMillis = millis[first];
        into.lastMillis = millis[last];
    }

    private int startOf(int entry) {
        return entry == 0 ? 0 : ends[entry - 1];
    }

    private static int countBefore(int[] counts, int entry) {
        return entry == 0 ? 0 : counts[entry - 1];
    }

    /** Index of the entry that starts at the position; the number of entries for the segment's end. */
    private int entryAt(long position) {
        int offset = Math.toIntExact(position - base);
        if (offset == 0) {
            return 0;
        }
        int found = Arrays.binarySearch(ends, 0, entries, offset);
        if (found < 0) {
            throw new IllegalArgumentException("position " + position + " is not a border between batches");
        }
        return found + 1;
    }
}
