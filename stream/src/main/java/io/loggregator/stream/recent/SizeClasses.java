package io.loggregator.stream.recent;

import static io.loggregator.stream.recent.Sources.SIZE_AFTER;
import static io.loggregator.stream.recent.Sources.SIZE_BEFORE;
import static io.loggregator.stream.recent.Sources.SIZE_CLASS;
import static io.loggregator.stream.recent.Sources.WRITTEN;

/**
 * All sources in lists by size, so that the largest is found in O(1). A class is one size up to 15 chunks, and an eighth
 * of a doubling above. Within a class the sources stand in a clock: the first one that was not written since the hand
 * last passed it is the oldest.
 */
final class SizeClasses {
    private static final int EXACT = 16;
    private static final int STEPS_SHIFT = 3;
    private static final int STEPS = 1 << STEPS_SHIFT;
    private static final int CLASSES = 256;

    private final Chunks chunks;
    private final Sources sources;
    private final int[] heads = new int[CLASSES];
    private final int[] tails = new int[CLASSES];
    /** A bit for each class that is not empty. */
    private final long[] occupied = new long[CLASSES / Long.SIZE];

    SizeClasses(Chunks chunks, Sources sources) {
        this.chunks = chunks;
        this.sources = sources;
    }

    static long footprint() {
        return 2 * Footprint.array(CLASSES * Integer.BYTES) + Footprint.array(CLASSES / Byte.SIZE) + Footprint.OBJECT;
    }

    /** The class of a size in chunks. */
    static int of(int size) {
        if (size < EXACT) {
            return size;
        }
        int exponent = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size);
        int step = (size >>> (exponent - STEPS_SHIFT)) & (STEPS - 1);
        return EXACT + (exponent - Integer.numberOfTrailingZeros(EXACT)) * STEPS + step;
    }

    /** The class of the largest sources in the lists, or -1 if there is none. */
    int largest() {
        for (int word = occupied.length - 1; word >= 0; word--) {
            if (occupied[word] != 0) {
                return word * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(occupied[word]);
            }
        }
        return -1;
    }

    /**
     * The oldest source of the largest class, which is not empty. Amortised O(1): a source is passed over once for each
     * time it was written.
     */
    int oldestOfLargest() {
        int sizeClass = largest();
        int source = heads[sizeClass];
        while (chunks.getInt(source, WRITTEN) != 0) {
            chunks.setInt(source, WRITTEN, 0);
            if (tails[sizeClass] != source) {
                remove(source);
                append(source, sizeClass);
            }
            source = heads[sizeClass];
        }
        return source;
    }

    void written(int source) {
        chunks.setInt(source, WRITTEN, 1);
    }

    void add(int source) {
        append(source, of(sources.size(source)));
    }

    /** Moves a source to the class of its size, if that is another one now. */
    void update(int source) {
        int sizeClass = of(sources.size(source));
        if (chunks.getInt(source, SIZE_CLASS) != sizeClass) {
            remove(source);
            append(source, sizeClass);
        }
    }

    void remove(int source) {
        int sizeClass = chunks.getInt(source, SIZE_CLASS);
        int before = chunks.getInt(source, SIZE_BEFORE);
        int after = chunks.getInt(source, SIZE_AFTER);
        if (before == Chunks.NONE) {
            heads[sizeClass] = after;
        } else {
            chunks.setInt(before, SIZE_AFTER, after);
        }
        if (after == Chunks.NONE) {
            tails[sizeClass] = before;
        } else {
            chunks.setInt(after, SIZE_BEFORE, before);
        }
        if (heads[sizeClass] == Chunks.NONE) {
            occupied[sizeClass / Long.SIZE] &= ~(1L << sizeClass % Long.SIZE);
        }
    }

    private void append(int source, int sizeClass) {
        int before = tails[sizeClass];
        chunks.setInt(source, SIZE_CLASS, sizeClass);
        chunks.setInt(source, SIZE_BEFORE, before);
        chunks.setInt(source, SIZE_AFTER, Chunks.NONE);
        tails[sizeClass] = source;
        if (before == Chunks.NONE) {
            heads[sizeClass] = source;
            occupied[sizeClass / Long.SIZE] |= 1L << sizeClass % Long.SIZE;
        } else {
            chunks.setInt(before, SIZE_AFTER, source);
        }
    }
}
