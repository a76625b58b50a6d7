package io.loggregator.stream.recent;

/** Who gives way when memory is short: the policy that {@link RecentPast} describes, and its counters. */
final class Eviction {
    private static final int SHARES = 8;
    private static final int SMALL_SHARES = 4096;
    private static final int MIN_SMALL_CHUNKS = 8;

    private final Chunks chunks;
    private final HashIndex index;
    private final Sources sources;
    private final Lines lines;
    private final ContainerMetrics metrics;
    private final SizeClasses sizes;
    private final IdleWheel idle;
    private final int share;
    /** Chunks up to which an envelope is never kept out for being larger than what others have. */
    private final int small;

    private long evictedSources;
    private long evictedLogs;
    private long evictedContainerMetrics;
    private long idleSources;

    Eviction(
            Chunks chunks,
            HashIndex index,
            Sources sources,
            Lines lines,
            ContainerMetrics metrics,
            SizeClasses sizes,
            IdleWheel idle) {
        this.chunks = chunks;
        this.index = index;
        this.sources = sources;
        this.lines = lines;
        this.metrics = metrics;
        this.sizes = sizes;
        this.idle = idle;
        this.share = chunks.count() / SHARES;
        this.small = Math.max(MIN_SMALL_CHUNKS, chunks.count() / SMALL_SHARES);
    }

    /** Chunks that one source may take. */
    int share() {
        return share;
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
     * Makes available what a line takes, or answers that it is to be kept out. Its source is never forgotten meanwhile,
     * even if it has nothing left; {@link #settle} does that.
     *
     * @param source the line's source, or {@link Chunks#NONE} if it is new
     * @param record chunks that the record takes if it is new
     * @param stored bytes that the line takes
     */
    boolean makeRoomForLine(int source, int record, long stored, long now) {
        boolean isNew = source == Chunks.NONE;
        return makeRoom(source, isNew ? record : 0, stored, true, isNew ? 1 : 0, now);
    }

    /** As {@link #makeRoomForLine} for a container metric that takes so many chunks. */
    boolean makeRoomForMetric(int source, int record, int size, long now) {
        boolean isNew = source == Chunks.NONE;
        return makeRoom(source, isNew ? record : 0, (long) size * Chunks.SIZE, false, isNew ? 2 : 1, now);
    }

    /** Puts a source where it belongs after its content changed, or forgets it if it had to give everything. */
    void settle(int source) {
        if (sources.isEmpty(source)) {
            forget(source);
            evictedSources++;
        } else {
            sizes.update(source);
        }
    }

    void forgetIdle(int source) {
        forget(source);
        idleSources++;
    }

    private boolean makeRoom(int source, int record, long stored, boolean line, int places, long now) {
        if (!fits(source, record, stored, line) && !makeFit(source, record, stored, line)) {
            return false;
        }
        while (!index.hasRoom(places)) {
            forgetLongestIdle(source, now);
        }
        return true;
    }

    private boolean makeFit(int source, int record, long stored, boolean line) {
        // What gives way below are others; the source itself pays only where that is said.
        if (source != Chunks.NONE) {
            sizes.remove(source);
        }
        boolean admitted = admitted(source, record, stored);
        while (admitted && !fits(source, record, stored, line)) {
            if (paysItself(source, record + needed(source, stored, line))) {
                giveOldest(source);
            } else {
                int largest = sizes.oldestOfLargest();
                giveOldest(largest);
                settle(largest);
            }
        }
        if (source != Chunks.NONE) {
            sizes.add(source);
        }
        return admitted;
    }

    private boolean fits(int source, int record, long stored, boolean line) {
        int needed = record + needed(source, stored, line);
        return needed <= chunks.available() && size(source) + needed <= share;
    }

    private int needed(int source, long stored, boolean line) {
        return line && source != Chunks.NONE ? lines.needed(source, stored) : Chunks.forBytes(stored);
    }

    /** Whether an envelope is small, or paid for by its source's own lines, or leaves another source the largest. */
    private boolean admitted(int source, int record, long stored) {
        int whole = record + Chunks.forBytes(stored);
        int payable = source == Chunks.NONE ? 0 : lines.size(source);
        return whole <= small
                || whole <= chunks.available() + payable
                || SizeClasses.of(size(source) - payable + whole) <= sizes.largest();
    }

    private boolean paysItself(int source, int needed) {
        if (source == Chunks.NONE || sources.isEmpty(source)) {
            return false;
        }
        int size = size(source) + needed;
        return size > share || SizeClasses.of(size) > sizes.largest();
    }

    private int size(int source) {
        return source == Chunks.NONE ? 0 : sources.size(source);
    }

    private void giveOldest(int source) {
        if (lines.count(source) > 0) {
            lines.dropOldest(source);
            evictedLogs++;
        } else {
            metrics.remove(source, metrics.first(source));
            evictedContainerMetrics++;
        }
    }

    private void forgetLongestIdle(int except, long now) {
        int source = idle.longestIdle(now, except);
        evictedLogs += lines.count(source);
        evictedContainerMetrics += forget(source);
        evictedSources++;
    }

    /** Forgets a source with all it has, and answers how many container metrics that was. */
    private int forget(int source) {
        sizes.remove(source);
        idle.remove(source);
        lines.clear(source);
        int cleared = metrics.clear(source);
        sources.remove(source);
        return cleared;
    }
}
