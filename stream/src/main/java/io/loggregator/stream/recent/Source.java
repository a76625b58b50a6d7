package io.loggregator.stream.recent;

/** One source: its id and its lines, the list of its container metrics, and its place among the others. */
final class Source extends Lines {
    /** As {@link io.loggregator.stream.SteadyClock#millis}. */
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
        super(bytes, from, to, hash);
    }

    void seen(long now) {
        lastSeen = now;
        written = true;
    }

    /** Bytes on the heap of a source with an id of this length and a line of so many bytes. */
    static long footprint(int idLength, long stored) {
        return Footprint.SOURCE + Footprint.array(idLength + stored);
    }

    /** Bytes on the heap of this and all that belongs to it. */
    long footprint() {
        return footprintWithRing(capacity());
    }

    /** What the footprint would be with a ring of so many bytes. */
    long footprintWithRing(long capacity) {
        return Footprint.SOURCE + metricBytes + lengthsFootprint() + arrayFootprint(capacity);
    }

    boolean isEmpty() {
        return lines() == 0 && oldest == null;
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
