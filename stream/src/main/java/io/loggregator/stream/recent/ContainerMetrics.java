package io.loggregator.stream.recent;

import static io.loggregator.stream.recent.Sources.METRICS_HEAD;
import static io.loggregator.stream.recent.Sources.METRICS_TAIL;

/**
 * The newest container metric of each instance of each source. Each is a chain of chunks, found by source and instance
 * index; the metrics of a source also form a list, the one that arrived longest ago first.
 */
final class ContainerMetrics {
    private static final int OWNER = 0;
    private static final int INSTANCE = 4;
    private static final int TIMESTAMP = 8;
    private static final int BEFORE = 16;
    private static final int AFTER = 20;
    private static final int LENGTH = 24;
    private static final int BYTES = 28;

    private final Chunks chunks;
    private final HashIndex index;
    private final Sources sources;

    ContainerMetrics(Chunks chunks, HashIndex index, Sources sources) {
        this.chunks = chunks;
        this.index = index;
        this.sources = sources;
    }

    /** Chunks that an envelope of this length takes. */
    static int chunks(int length) {
        return Chunks.forBytes((long) BYTES + length);
    }

    /** The metric of an instance, or {@link Chunks#NONE}. */
    int find(int source, int instance) {
        int hash = hash(source, instance);
        for (int slot = index.first(hash); !index.isEmpty(slot); slot = index.after(slot)) {
            // Ids above zero in the shared index are sources.
            int metric = -index.id(slot);
            if (index.hash(slot) == hash
                    && metric > 0
                    && chunks.getInt(metric, OWNER) == source
                    && chunks.getInt(metric, INSTANCE) == instance) {
                return metric;
            }
        }
        return Chunks.NONE;
    }

    /** Adds the metric of an instance that has none; chunks and a place in the index are available. */
    void add(int source, int instance, long timestamp, byte[] bytes, int from, int to) {
        int size = chunks(to - from);
        int metric = chunks.takeChain(size);
        chunks.setInt(metric, OWNER, source);
        chunks.setInt(metric, INSTANCE, instance);
        index.add(hash(source, instance), -metric);
        append(source, metric);
        fill(metric, timestamp, bytes, from, to);
        sources.addSize(source, size);
    }

    /** Puts a newer envelope that takes as many chunks in the place of a metric. */
    void replace(int source, int metric, long timestamp, byte[] bytes, int from, int to) {
        if (chunks.getInt(source, METRICS_TAIL) != metric) {
            unlink(source, metric);
            append(source, metric);
        }
        fill(metric, timestamp, bytes, from, to);
    }

    void remove(int source, int metric) {
        index.remove(hash(source, chunks.getInt(metric, INSTANCE)), -metric);
        unlink(source, metric);
        sources.addSize(source, -size(metric));
        chunks.giveChain(metric);
    }

    /** Removes all metrics of a source and answers how many there were. */
    int clear(int source) {
        int removed = 0;
        for (int metric = first(source); metric != Chunks.NONE; metric = first(source)) {
            remove(source, metric);
            removed++;
        }
        return removed;
    }

    /** The metric of a source that arrived longest ago, or {@link Chunks#NONE}. */
    int first(int source) {
        return chunks.getInt(source, METRICS_HEAD);
    }

    long timestamp(int metric) {
        return chunks.getLong(metric, TIMESTAMP);
    }

    int size(int metric) {
        return chunks(chunks.getInt(metric, LENGTH));
    }

    /** Hands over the metrics of a source whose timestamps are not before {@code oldest}. */
    void read(int source, long oldest, RecentPast.Sink sink) {
        byte[] scratch = new byte[0];
        for (int metric = first(source); metric != Chunks.NONE; metric = chunks.getInt(metric, AFTER)) {
            if (timestamp(metric) >= oldest) {
                int length = chunks.getInt(metric, LENGTH);
                if (length > scratch.length) {
                    scratch = new byte[length];
                }
                chunks.read(metric, BYTES, scratch, length);
                sink.accept(scratch, 0, length);
            }
        }
    }

    private void fill(int metric, long timestamp, byte[] bytes, int from, int to) {
        chunks.setLong(metric, TIMESTAMP, timestamp);
        chunks.setInt(metric, LENGTH, to - from);
        chunks.write(metric, BYTES, bytes, from, to);
    }

    private void append(int source, int metric) {
        int before = chunks.getInt(source, METRICS_TAIL);
        chunks.setInt(metric, BEFORE, before);
        chunks.setInt(metric, AFTER, Chunks.NONE);
        chunks.setInt(source, METRICS_TAIL, metric);
        if (before == Chunks.NONE) {
            chunks.setInt(source, METRICS_HEAD, metric);
        } else {
            chunks.setInt(before, AFTER, metric);
        }
    }

    private void unlink(int source, int metric) {
        int before = chunks.getInt(metric, BEFORE);
        int after = chunks.getInt(metric, AFTER);
        if (before == Chunks.NONE) {
            chunks.setInt(source, METRICS_HEAD, after);
        } else {
            chunks.setInt(before, AFTER, after);
        }
        if (after == Chunks.NONE) {
            chunks.setInt(source, METRICS_TAIL, before);
        } else {
            chunks.setInt(after, BEFORE, before);
        }
    }

    private static int hash(int source, int instance) {
        int hash = (source * 0x85EBCA6B) ^ instance;
        hash = (hash ^ (hash >>> 16)) * 0x7FEB352D;
        return (hash ^ (hash >>> 15)) * 0x846CA68B;
    }
}
