package io.loggregator.stream.recent;

/** What objects take on the heap, rounded up to the layout without compressed pointers. */
final class Footprint {
    static final int REFERENCE = 8;
    /** Upper bound for any single object of this package that is not an array. */
    static final int OBJECT = 160;

    private static final int ARRAY_HEADER = 24;
    private static final int ALIGNMENT = 8;

    private Footprint() {}

    /** An array with so many bytes of content. */
    static long array(long content) {
        return (ARRAY_HEADER + content + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
