package io.loggregator.stream.recent;

import java.util.Arrays;

/** One source: its id, its lines, the list of its container metrics, and its place among the others. */
final class Source extends Index.Entry {
    private final byte[] id;
    final Lines lines = new Lines();
    /** Milliseconds since the Unix epoch. */
    long lastSeen;

    /** The metric that arrived longest ago. */
    private Metric oldest;

    private Metric newest;
    private long metricBytes;

    /** The footprint as {@link Eviction} last accounted for it; 0 while new. */
    long accounted;

    // The place in SizeClasses.
    Source before;
    Source after;
    int sizeClass = SizeClasses.NONE;
    boolean written;

    Source(byte[] bytes, int from, int to, int hash) {
        super(hash);
        id = Arrays.copyOfRange(bytes, from, to);
    }

    boolean hasId(byte[] bytes, int from, int to) {
        return Arrays.equals(id, 0, id.length, bytes, from, to);
    }

    void seen(long now) {
        lastSeen = now;
        written = true;
    }

    /** Bytes on the heap of a source that has nothing but an id of this length. */
    static long footprint(int idLength) {
        return Footprint.SOURCE + Footprint.array(idLength);
    }

    /** Bytes on the heap of this and all that belongs to it. */
    long footprint() {
        return footprint(id.length) + metricBytes + lines.footprint();
    }

    boolean isEmpty() {
        return lines.count() == 0 && oldest == null;
    }

    /** The metric that arrived longest ago, or null. */
    Metric oldestMetric() {
        return oldest;
    }

    void append(Metric metric) {
        metricBytes += metric.footprint();
        metric.before = newest;
        metric.after = null;
        if (newest == null) {
            oldest = metric;
        } else {
            newest.after = metric;
        }
        newest = metric;
    }

    void unlink(Metric metric) {
        metricBytes -= metric.footprint();
        if (metric.before == null) {
            oldest = metric.after;
        } else {
            metric.before.after = metric.after;
        }
        if (metric.after == null) {
            newest = metric.before;
        } else {
            metric.after.before = metric.before;
        }
    }
}
