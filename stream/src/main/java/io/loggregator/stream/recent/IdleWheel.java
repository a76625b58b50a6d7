package io.loggregator.stream.recent;

import static io.loggregator.stream.recent.Sources.IDLE_AFTER;
import static io.loggregator.stream.recent.Sources.IDLE_BEFORE;
import static io.loggregator.stream.recent.Sources.IDLE_BUCKET;
import static io.loggregator.stream.recent.Sources.LAST_SEEN;

/**
 * All sources in buckets of time by when they will have been idle for too long. A write only notes the time; a source
 * moves to its new bucket when its old one comes due, so a source that is written all the time costs one step per idle
 * period. The idle period spans {@value #BUCKETS_PER_PERIOD} buckets.
 */
final class IdleWheel {
    static final int BUCKETS_PER_PERIOD = 64;

    private static final int BUCKETS = 2 * BUCKETS_PER_PERIOD;
    private static final int MASK = BUCKETS - 1;
    private static final int DETACHED = -1;

    private final Chunks chunks;
    private final long idleMillis;
    private final long bucketMillis;
    private final int[] heads = new int[BUCKETS];
    private final int[] tails = new int[BUCKETS];
    /** The first bucket, counted from time 0, that has not been swept. */
    private long unswept;

    IdleWheel(Chunks chunks, long idleMillis) {
        this.chunks = chunks;
        this.idleMillis = idleMillis;
        this.bucketMillis = (idleMillis + BUCKETS_PER_PERIOD - 1) / BUCKETS_PER_PERIOD;
    }

    static long footprint() {
        return 2 * Footprint.array(BUCKETS * Integer.BYTES) + Footprint.OBJECT;
    }

    /** Adds a source that was last seen at {@code now}. */
    void add(int source, long now) {
        seen(source, now);
        append(source);
    }

    void seen(int source, long now) {
        chunks.setLong(source, LAST_SEEN, now);
    }

    /** Forgets the sources that were idle for longer than the period when the last bucket ended. */
    void sweep(long now, Eviction eviction) {
        long current = now / bucketMillis;
        for (long bucket = Math.max(unswept, current - BUCKETS); bucket < current; bucket++) {
            int source = heads[(int) bucket & MASK];
            heads[(int) bucket & MASK] = Chunks.NONE;
            tails[(int) bucket & MASK] = Chunks.NONE;
            while (source != Chunks.NONE) {
                int after = chunks.getInt(source, IDLE_AFTER);
                chunks.setInt(source, IDLE_BUCKET, DETACHED);
                if (due(source) < current) {
                    eviction.forgetIdle(source);
                } else {
                    append(source);
                }
                source = after;
            }
        }
        unswept = current;
    }

    /**
     * The source that has been idle for longest, to within a bucket, other than one; {@link Chunks#NONE} if there is no
     * other. Amortised O(1): a source is moved on once for the writes since it was last looked at.
     */
    int longestIdle(long now, int except) {
        // No source is due later than one period from now, so the bucket after that one is the oldest of the circle.
        long start = now / bucketMillis + BUCKETS_PER_PERIOD + 2;
        for (long bucket = start; bucket < start + BUCKETS; bucket++) {
            int place = (int) bucket & MASK;
            int source = heads[place];
            while (source != Chunks.NONE) {
                int after = chunks.getInt(source, IDLE_AFTER);
                if (((int) due(source) & MASK) != place) {
                    remove(source);
                    append(source);
                } else if (source != except) {
                    return source;
                }
                source = after;
            }
        }
        return Chunks.NONE;
    }

    void remove(int source) {
        int place = chunks.getInt(source, IDLE_BUCKET);
        if (place == DETACHED) {
            return;
        }
        int before = chunks.getInt(source, IDLE_BEFORE);
        int after = chunks.getInt(source, IDLE_AFTER);
        if (before == Chunks.NONE) {
            heads[place] = after;
        } else {
            chunks.setInt(before, IDLE_AFTER, after);
        }
        if (after == Chunks.NONE) {
            tails[place] = before;
        } else {
            chunks.setInt(after, IDLE_BEFORE, before);
        }
    }

    /** The bucket, counted from time 0, in whose span the source will have been idle for the whole period. */
    private long due(int source) {
        return (chunks.getLong(source, LAST_SEEN) + idleMillis) / bucketMillis;
    }

    private void append(int source) {
        int place = (int) due(source) & MASK;
        int before = tails[place];
        chunks.setInt(source, IDLE_BUCKET, place);
        chunks.setInt(source, IDLE_BEFORE, before);
        chunks.setInt(source, IDLE_AFTER, Chunks.NONE);
        tails[place] = source;
        if (before == Chunks.NONE) {
            heads[place] = source;
        } else {
            chunks.setInt(before, IDLE_AFTER, source);
        }
    }
}
