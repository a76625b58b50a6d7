package io.loggregator.stream.recent;

/**
 * All sources in lists by size, so that the largest is found in O(1). A class spans an eighth of a doubling. Within a
 * class the sources stand in a clock: the first one that was not written since the hand last passed it is the oldest.
 */
final class SizeClasses {
    /** The class of a source that is in no list. */
    static final int NONE = -1;

    private static final int STEPS_SHIFT = 3;
    private static final int STEPS = 1 << STEPS_SHIFT;
    private static final int CLASSES = Integer.SIZE << STEPS_SHIFT;

    /** In each class, the source that the hand comes to next. */
    private final Source[] heads = new Source[CLASSES];

    private final Source[] tails = new Source[CLASSES];
    /** A bit for each class that is not empty. */
    private final long[] occupied = new long[CLASSES / Long.SIZE];

    static long footprint() {
        return 2 * Footprint.array(CLASSES * Footprint.REFERENCE) + Footprint.array(CLASSES / Byte.SIZE);
    }

    /** The class of a size from {@value #STEPS} bytes to 4 GiB. */
    static int of(long size) {
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(size);
        return (exponent << STEPS_SHIFT) + ((int) (size >>> (exponent - STEPS_SHIFT)) & (STEPS - 1));
    }

    /** The class of the largest sources in the lists, or {@link #NONE}. */
    int largest() {
        for (int word = occupied.length - 1; word >= 0; word--) {
            if (occupied[word] != 0) {
                return word * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(occupied[word]);
            }
        }
        return NONE;
    }

    /** The class of the largest sources in the lists apart from one. */
    int largestBut(Source source) {
        int sizeClass = source.sizeClass;
        remove(source);
        int largest = largest();
        if (sizeClass != NONE) {
            append(source, sizeClass);
        }
        return largest;
    }

    /**
     * The oldest source of the largest class; there is one. Amortised O(1): a source is passed over once for each time
     * it was written.
     */
    Source oldestOfLargest() {
        boolean written = true;
        while (written) {
            written = largestWasWritten();
        }
        return heads[largest()];
    }

    /** Moves the hand of the largest class, which is not empty, past a source if that was written meanwhile. */
    boolean largestWasWritten() {
        Source source = heads[largest()];
        boolean written = source.written;
        if (written) {
            source.written = false;
            int sizeClass = source.sizeClass;
            remove(source);
            append(source, sizeClass);
        }
        return written;
    }

    /** Puts a source in the class of its size. */
    void update(Source source) {
        int sizeClass = of(source.footprint());
        if (source.sizeClass != sizeClass) {
            remove(source);
            append(source, sizeClass);
        }
    }

    void remove(Source source) {
        int sizeClass = source.sizeClass;
        if (sizeClass == NONE) {
            return;
        }
        Source before = source.before;
        Source after = source.after;
        if (before == null) {
            heads[sizeClass] = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            tails[sizeClass] = before;
        } else {
            after.before = before;
        }
        if (heads[sizeClass] == null) {
            occupied[sizeClass / Long.SIZE] &= ~(1L << sizeClass % Long.SIZE);
        }
        source.sizeClass = NONE;
    }

    private void append(Source source, int sizeClass) {
        Source before = tails[sizeClass];
        source.sizeClass = sizeClass;
        source.before = before;
        source.after = null;
        tails[sizeClass] = source;
        if (before == null) {
            heads[sizeClass] = source;
            occupied[sizeClass / Long.SIZE] |= 1L << sizeClass % Long.SIZE;
        } else {
            before.after = source;
        }
    }
}
