package io.loggregator.stream.recent;

/** The newest container metric of one instance of a source, in the source's list of those. */
final class Metric extends Index.Entry {
    /** Arrays have a multiple of this many bytes, so that the next envelope mostly fits where the last one was. */
    private static final int GRAIN = 32;

    final Source source;
    final int instance;
    Metric before;
    Metric after;

    private final byte[] envelope;
    private int length;
    private long timestamp;

    Metric(Source source, int instance, int length) {
        super(hash(source, instance));
        this.source = source;
        this.instance = instance;
        this.envelope = new byte[capacity(length)];
    }

    static int hash(Source source, int instance) {
        int hash = (source.hash * 0x85EBCA6B) ^ instance;
        hash = (hash ^ (hash >>> 16)) * 0x7FEB352D;
        return (hash ^ (hash >>> 15)) * 0x846CA68B;
    }

    /** Bytes on the heap of a metric with an envelope of this length. */
    static long footprint(int length) {
        return Footprint.METRIC + Footprint.array(((long) length + GRAIN - 1) / GRAIN * GRAIN);
    }

    long footprint() {
        return Footprint.METRIC + Footprint.array(envelope.length);
    }

    long timestamp() {
        return timestamp;
    }

    /** Copies an envelope of the length that the metric was made for, or of another one with the same footprint. */
    void set(long newTimestamp, byte[] bytes, int from, int to) {
        timestamp = newTimestamp;
        length = to - from;
        System.arraycopy(bytes, from, envelope, 0, length);
    }

    void read(RecentPast.Sink sink) {
        sink.accept(envelope, 0, length);
    }

    private static int capacity(int length) {
        return Math.toIntExact(((long) length + GRAIN - 1) / GRAIN * GRAIN);
    }
}
