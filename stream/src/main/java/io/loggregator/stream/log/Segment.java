package io.loggregator.stream.log;

import java.util.Arrays;

/**
 * A stretch of the log: batch bytes without gaps, and for each batch where it ends and what had been counted by then. A
 * thinned one keeps all borders between batches, and of the batches some envelopes.
 */
final class Segment {
    /** Memory an entry of the index takes. */
    static final int INDEX_BYTES = 4 + 4 + 4 + 8;

    /** Entries that an index has at first, unless fewer are needed. */
    static final int FIRST_INDEX = 64;

    /** A segment of so small batches that the index would take more than 5/8 of the data is full before its time. */
    private static final int LEAST_BYTES_AN_ENTRY = 32;

    final byte[] data;
    final long base;
    private final boolean thinned;
    private final int largestSource;
    private long envelopesBefore;
    private long logsBefore;
    private int used;
    private int entries;
    /** Where each batch ends in {@link #data}. */
    private int[] ends;
    /** Where each batch ends in the log, from {@link #base} on; the same array, as long as everything is there. */
    private int[] borders;

    private int[] envelopes;
    private int[] logs;
    private long[] millis;

    /** @param index how many batches the index has room for at first */
    Segment(byte[] data, int index, long base, long envelopesBefore, long logsBefore) {
        this.data = data;
        this.thinned = false;
        this.largestSource = 0;
        this.ends = new int[index];
        this.borders = ends;
        this.envelopes = new int[index];
        this.logs = new int[index];
        this.millis = new long[index];
        this.base = base;
        this.envelopesBefore = envelopesBefore;
        this.logsBefore = logsBefore;
    }

    /**
     * What is left of another segment, to be put in with {@link #keep} and {@link #closeBatch}.
     *
     * @param data with room for it
     * @param largestSource bytes of the source that has most of them, at most; 0 if thinning it further is of no use
     */
    Segment(Segment whole, byte[] data, int largestSource) {
        this.largestSource = largestSource;
        this.data = data;
        this.thinned = true;
        this.base = whole.base;
        this.entries = whole.entries;
        this.borders = whole.thinned ? whole.borders : Arrays.copyOf(whole.ends, entries);
        this.ends = new int[entries];
        this.envelopes = new int[entries];
        this.logs = new int[entries];
        this.millis = whole.thinned ? whole.millis : Arrays.copyOf(whole.millis, entries);
        this.envelopesBefore = whole.envelopesBefore;
        this.logsBefore = whole.logsBefore;
    }

    /** Puts envelopes of a batch in; of a batch after those that have been closed. */
    void keep(int entry, byte[] bytes, int from, int to, boolean log) {
        System.arraycopy(bytes, from, data, used, to - from);
        used += to - from;
        envelopes[entry]++;
        logs[entry] += log ? 1 : 0;
    }

    /** All that is kept of a batch has been put in. */
    void closeBatch(int entry) {
        ends[entry] = used;
        envelopes[entry] += countBefore(envelopes, entry);
        logs[entry] += countBefore(logs, entry);
    }

    boolean isThinned() {
        return thinned;
    }

    /** Of a thinned one: bytes of the source that has most of it, at most; 0 if thinning it further is of no use. */
    int largestSource() {
        return largestSource;
    }

    /** Bytes of the batches that it holds. */
    int bytes() {
        return used;
    }

    /** Bytes of the batches that it was appended. */
    int span() {
        return Math.toIntExact(end() - base);
    }

    int entries() {
        return entries;
    }

    int envelopes() {
        return countBefore(envelopes, entries);
    }

    int logs() {
        return countBefore(logs, entries);
    }

    /** Where a batch starts in {@link #data}. */
    int start(int entry) {
        return startOf(entry);
    }

    /** Where a batch ends in {@link #data}. */
    int end(int entry) {
        return ends[entry];
    }

    /** Where a batch starts in the log. */
    long position(int entry) {
        return entry == 0 ? base : base + borders[entry - 1];
    }

    /** When a batch arrived. */
    long arrival(int entry) {
        return millis[entry];
    }

    /** So many envelopes after this segment's start are no longer there, so that those before it count for less. */
    void moveCounts(int envelopesGone, int logsGone) {
        envelopesBefore += envelopesGone;
        logsBefore += logsGone;
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
            borders = ends;
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
        return data.length + indexMemory();
    }

    long indexMemory() {
        return (long) ends.length * (thinned ? INDEX_BYTES + 4 : INDEX_BYTES);
    }

    long end() {
        return position(entries);
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
                return position(i);
            }
        }
        return end();
    }

    long borderFrom(long position) {
        int offset = Math.toIntExact(position - base);
        int found = Arrays.binarySearch(borders, 0, entries, offset);
        return offset == 0 || found >= 0 ? position : base + borders[-found - 1];
    }

    void read(long position, long limit, int maxBytes, Span into) {
        int first = entryAt(position);
        int start = startOf(first);
        long stop = (long) start + maxBytes;
        long border = limit - base;
        int last = first;
        // Spans are short against a segment, so walking beats searching.
        while (last + 1 < entries && ends[last + 1] <= stop && borders[last + 1] <= border) {
            last++;
        }
        into.bytes = data;
        into.start = start;
        into.end = ends[last];
        into.from = position;
        into.to = base + borders[last];
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
        int found = Arrays.binarySearch(borders, 0, entries, offset);
        if (found < 0) {
            throw new IllegalArgumentException("position " + position + " is not a border between batches");
        }
        return found + 1;
    }
}
