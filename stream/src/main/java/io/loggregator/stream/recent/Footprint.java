package io.loggregator.stream.recent;

/** What objects take on the heap, rounded up to the layout without compressed pointers. */
final class Footprint {
    static final int REFERENCE = 8;
    /** A {@link RecentPast} with the objects that it has one of, their arrays apart. */
    static final int FIXED = 512;
    /** A {@link Source} its array apart. */
    static final int SOURCE = 176;
    /** A {@link Metric}, its array apart. */
    static final int METRIC = 88;

    private static final int ARRAY_HEADER = 24;
    private static final int ALIGNMENT = 8;

    private Footprint() {}

    /** An array with so many bytes of content. */
    static long array(long content) {
        return (ARRAY_HEADER + content + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
