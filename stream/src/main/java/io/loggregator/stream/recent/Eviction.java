package io.loggregator.stream.recent;

/** The memory of all sources, and who gives way when it is short: the policy that {@link RecentPast} describes. */
final class Eviction {
    private static final int SHARES = 8;
    private static final int SMALL_SHARES = 4096;
    private static final int MIN_SMALL = 1024;
    /** The ring of a source grows by a quarter, and gives way by an eighth. */
    private static final int GROWTH_SHIFT = 2;

    private static final int GIVE_SHIFT = 3;
    private static final int MIN_GIVE = 8;

    private final Index index;
    private final SizeClasses sizes = new SizeClasses();
    private final long limit;
    private final long share;
    /** Bytes up to which an envelope is never kept out for being larger than what others have. */
    private final long small;

    private long used;
    private int sources;
    private long evictedSources;
    private long evictedLogs;
    private long evictedContainerMetrics;
    private long idleSources;

    /** @param limit bytes that the sources in the index may take together */
    Eviction(Index index, long limit) {
        this.index = index;
        this.limit = limit;
        this.share = limit / SHARES;
        this.small = Math.max(MIN_SMALL, limit / SMALL_SHARES);
    }

    /** Bytes that one source may take. */
    long share() {
        return share;
    }

    /** Bytes that all sources take. */
    long used() {
        return used;
    }

    int sources() {
        return sources;
    }

    long evictedSources() {
        return evictedSources;
    }

    long evictedLogs() {
        return evictedLogs;
    }

    long evictedContainerMetrics() {
        return evictedContainerMetrics;
    }

    long idleSources() {
        return idleSources;
    }

    void countLog() {
        evictedLogs++;
    }

    void countContainerMetric() {
        evictedContainerMetrics++;
    }

    /**
     * Makes room for a line in the ring of a source, or answers that the line is to be kept out. The source is never
     * forgotten meanwhile, even if it has nothing left; {@link #settle} does that.
     *
     * @param source in the index, or new
     * @param stored bytes that the line takes; with the source's id alone, they are within its share
     */
    boolean makeRoomForLine(Source source, long stored) {
        boolean pays = false;
        boolean admitted = false;
        while (!source.hasRoom(stored) && !grow(source, stored)) {
            admitted = admitted || admitted(source, Footprint.array(stored));
            if (!admitted) {
                return false;
            }
            if (source.lines() == 0) {
                makeRoomForOnlyLine(source, stored);
                return true;
            }
            // Whether others shall pay is asked once in a turn of the ring, so that those who have enough seldom ask.
            pays = pays || source.wrapped() || !mayTake(source.footprintWithRing(grown(source, stored)));
            if (pays) {
                source.dropOldestLine();
                evictedLogs++;
            } else {
                takeFromLargest();
            }
        }
        return true;
    }

    /** Makes available what a container metric takes, or answers that it is to be kept out; as for a line. */
    boolean makeRoomForMetric(Source source, long size) {
        if (source.footprint() + size <= allowance(source)) {
            return true;
        }
        if (!admitted(source, size)) {
            return false;
        }
        sizes.remove(source);
        while (source.footprint() + size > allowance(source)) {
            giveOrTake(source, size);
        }
        return true;
    }

    /** Has the lengths of a source's lines lie side by side, if there is memory that nobody uses. */
    void keepLengths(Source source, int mostLines) {
        if (source.footprint() + Lines.lengthsFootprint(mostLines) <= allowance(source)) {
            source.keepLengths(mostLines);
            settle(source);
        }
    }

    /** Adds a source that is new, with what it holds. */
    void add(Source source) {
        index.add(source);
        sources++;
        settle(source);
    }

    /** Accounts for what a source takes after that changed, or forgets it if it has nothing left. */
    void settle(Source source) {
        if (source.isEmpty()) {
            forget(source);
            evictedSources++;
            return;
        }
        if (source.sparse()) {
            int stored = source.stored();
            source.resize(stored + (stored >> GROWTH_SHIFT));
        }
        used += source.footprint() - source.accounted;
        source.accounted = source.footprint();
        sizes.update(source);
    }

    void forgetIdle(Source source) {
        forget(source);
        idleSources++;
    }

    void removeMetric(Metric metric) {
        index.remove(metric);
        metric.source.unlink(metric);
    }

    /** Gives a source that has no line a ring for one. */
    private void makeRoomForOnlyLine(Source source, long stored) {
        sizes.remove(source);
        source.dropLengths();
        source.resize(0);
        while (!grow(source, stored)) {
            giveOrTake(source, Footprint.array(stored));
        }
    }

    /** Enlarges the ring of a source so that a line fits, if there is memory that nobody uses. */
    private boolean grow(Source source, long stored) {
        long capacity = grown(source, stored);
        if (source.footprintWithRing(capacity) > allowance(source)) {
            return false;
        }
        source.resize(Math.toIntExact(capacity));
        return true;
    }

    /** The ring that a source needs when a line does not fit: larger than that, but within the source's share. */
    private long grown(Source source, long stored) {
        long needed = source.stored() + stored;
        long spare = share - source.footprint();
        return Math.max(needed, source.capacity() + Math.min(source.capacity() >> GROWTH_SHIFT, spare));
    }

    /** What a source may take, if no other gives way. */
    private long allowance(Source source) {
        return Math.min(share, limit - used + source.accounted);
    }

    /** Whether more of a source is small, or paid for by its own lines, or leaves another source the largest. */
    private boolean admitted(Source source, long more) {
        if (more + (source.accounted == 0 ? source.footprint() : 0) <= small) {
            return true;
        }
        long alone = source.footprintWithRing(0) + more;
        return alone <= limit - used + source.accounted || SizeClasses.of(alone) <= sizes.largestBut(source);
    }

    /** Whether a source that would be of this size is smaller than the largest, or as large as one that is idle. */
    private boolean mayTake(long size) {
        int sizeClass = SizeClasses.of(size);
        int largest = sizes.largest();
        return size <= share && (sizeClass < largest || (sizeClass == largest && !sizes.largestWasWritten()));
    }

    /** Makes a source that is in no list give way if it would be the largest, otherwise another one. */
    private void giveOrTake(Source source, long more) {
        long size = source.footprint() + more;
        if (!source.isEmpty() && (size > share || SizeClasses.of(size) > sizes.largest())) {
            give(source);
        } else {
            takeFromLargest();
        }
    }

    private void takeFromLargest() {
        Source largest = sizes.oldestOfLargest();
        give(largest);
        settle(largest);
    }

    private void give(Source source) {
        source.dropLengths();
        int capacity = source.capacity();
        if (capacity > 0) {
            int goal = Math.max(0, capacity - Math.max(MIN_GIVE, capacity >> GIVE_SHIFT));
            while (source.stored() > goal) {
                source.dropOldestLine();
                evictedLogs++;
            }
            source.resize(source.stored());
        } else {
            removeMetric(source.oldestMetric());
            evictedContainerMetrics++;
        }
    }

    private void forget(Source source) {
        sizes.remove(source);
        index.remove(source);
        while (source.oldestMetric() != null) {
            removeMetric(source.oldestMetric());
        }
        used -= source.accounted;
        sources--;
    }
}
