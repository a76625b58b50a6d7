package io.loggregator.stream.log;

import java.util.ArrayList;
import java.util.List;

/**
 * The log in memory: a ring of segments. Memory is taken as it is needed, up to the budget; from then on the array of
 * the oldest segment is used again for the newest. A batch larger than a segment gets a segment of its own size.
 *
 * <p>A log that thins gives a part of its budget to readers that are late. A segment that would be overwritten, and that
 * somebody still waits for, is thinned to an eighth, at the expense of its noisiest sources. When that part is used up, whoever
 * has most of a thinned segment loses half of that, and so on until nobody has more than a few lines in one; then the oldest
 * goes. A source that never had more than that in a segment loses nothing before.
 */
public final class MemoryLog implements Log {
    private static final int LARGEST_SEGMENT = 1 << 20;
    private static final int SMALLEST_SEGMENT = 1 << 12;
    private static final int SEGMENTS = 32;

    /** Which part of its budget a log that thins gives to what it has thinned. */
    private static final int THINNED_SHARE = 4;

    /** What a segment is thinned to at first. */
    private static final int FIRST_SHARE = 8;

    /** Up to so many bytes, and this part, of a segment a source is quiet, and keeps everything. */
    private static final int QUIET_BYTES = 1 << 10;

    private static final int QUIET_SHARE = 64;

    /** Which part of what it gives to what it has thinned is for arrays that wait for use. */
    private static final int SPARE_SHARE = 8;

    private final long budget;
    private final long thinnedBudget;
    private final int segmentBytes;
    private final long spareBudget;
    private final Spares spares;
    private final Thinning thinning;
    /** Oldest first; random access by age for the search. */
    private final List<Segment> segments = new ArrayList<>();

    /** How many of them, the oldest, have been thinned. */
    private int thinned;

    /** Memory that these take. */
    private long thinnedMemory;

    /** The array of a segment that went before there was use for it, as long as the budget has room for it; or null. */
    private byte[] spare;

    /** Of the segments. */
    private long memory;

    private long head;
    private long envelopes;
    private long logs;
    private TrimListener listener = (from, to, lastMillis) -> {};

    /**
     * @param budget bytes of memory that batches and their index may take; a batch larger than that is still kept,
     *     alone
     */
    public MemoryLog(long budget) {
        this(budget, 0);
    }

    /**
     * @param budget as above
     * @param thinnedBudget how much of it thinned segments may take; 0 if nothing is to be thinned
     */
    public MemoryLog(long budget, long thinnedBudget) {
        if (budget < SMALLEST_SEGMENT) {
            throw new IllegalArgumentException("budget: " + budget + " (expected: at least " + SMALLEST_SEGMENT + ")");
        }
        this.budget = budget;
        this.spareBudget = thinnedBudget / SPARE_SHARE;
        this.thinnedBudget = thinnedBudget;
        this.spares = new Spares(spareBudget);
        this.thinning = new Thinning(spares);
        this.segmentBytes = (int) Math.max(SMALLEST_SEGMENT / 2, Math.min(LARGEST_SEGMENT, budget / SEGMENTS));
    }

    /** A log that thins: a quarter of its budget is for what late readers are kept of the quiet sources. */
    public static MemoryLog thinning(long budget) {
        return new MemoryLog(budget, budget / THINNED_SHARE);
    }

    @Override
    public long append(byte[] bytes, int from, int to, int envelopeCount, int logCount, long nowMillis) {
        int length = to - from;
        if (length <= 0 || envelopeCount <= 0) {
            throw new IllegalArgumentException("an empty batch");
        }
        Segment segment = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (segment == null || !segment.fits(length)) {
            segment = newSegment(length);
        }
        memory += segment.append(bytes, from, to, envelopeCount, logCount, nowMillis);
        head += length;
        envelopes += envelopeCount;
        logs += logCount;
        trim(0);
        if (memory() > budget) {
            spare = null;
        }
        return head;
    }

    private Segment newSegment(int length) {
        boolean alone = length > segmentBytes;
        int size = alone ? length : segmentBytes;
        int index = alone ? 1 : Segment.FIRST_INDEX;
        trim(size + (long) index * Segment.INDEX_BYTES);
        byte[] data;
        if (alone || spare == null) {
            data = new byte[size];
        } else {
            data = spare;
            spare = null;
        }
        Segment segment = new Segment(data, index, head, envelopes, logs);
        memory += segment.memory();
        segments.add(segment);
        return segment;
    }

    /** Makes {@code room} more bytes fit, at the expense of the oldest segments, but not of the newest for its own sake. */
    private void trim(long room) {
        int keep = room > 0 ? 0 : 1;
        while (segments.size() > keep && memory + room > budget - (thinned > 0 ? spareBudget : 0)) {
            if (!thinSomething()) {
                dropOldest();
            }
        }
    }

    private void dropOldest() {
        Segment oldest = segments.get(0);
        if (oldest.end() > oldest.base) {
            listener.trimming(oldest.base, oldest.end(), oldest.lastArrival());
        }
        segments.remove(0);
        memory -= oldest.memory();
        if (oldest.isThinned()) {
            thinned--;
            thinnedMemory -= oldest.memory();
        }
        keepArray(oldest);
        if (thinned == 0) {
            spares.clear();
        }
    }

    private void keepArray(Segment gone) {
        if (gone.data.length == segmentBytes) {
            spare = gone.data;
        } else if (gone.isThinned()) {
            spares.give(gone.data);
        }
    }

    /** Thins one segment if it is worth it; false if the oldest has to go instead. */
    private boolean thinSomething() {
        if (thinned >= segments.size() - 1 || thinnedBudget == 0) {
            return false;
        }
        Segment oldest = segments.get(thinned);
        if (!listener.isAwaitedBefore(oldest.end())) {
            return false;
        }
        if (thinnedMemory < thinnedBudget - spareBudget) {
            thin(thinned);
            thinned++;
            return true;
        }
        int noisiest = noisiestToHalve();
        if (noisiest < 0 || !listener.isAwaitedBefore(segments.get(noisiest).end())) {
            return false;
        }
        thin(noisiest);
        return true;
    }

    /**
     * Index of the thinned segment in which a source has more than any has in another, among those worth thinning further, or -1.
     * Not of the one that is largest, which may be so because many quiet sources met there.
     */
    private int noisiestToHalve() {
        int noisiest = -1;
        int most = 0;
        for (int i = 0; i < thinned; i++) {
            Segment segment = segments.get(i);
            int quiet = quiet(segment);
            // For less than a quarter of it copying the rest is not worth while.
            if (segment.largestSource() > Math.max(most, quiet + quiet / 4)
                    && segment.bytes() > segment.indexMemory()) {
                noisiest = i;
                most = segment.largestSource();
            }
        }
        return noisiest;
    }

    /** What a source may have in a segment without ever losing any of it by thinning. */
    private static int quiet(Segment segment) {
        return Math.min(QUIET_BYTES, segment.span() / QUIET_SHARE);
    }

    private void thin(int index) {
        Segment whole = segments.get(index);
        listener.thinningBegins(whole.end());
        Segment rest = whole.isThinned()
                ? thinning.thinToLevel(whole, Math.max(quiet(whole), whole.largestSource() / 2), listener)
                : thinning.thin(whole, whole.bytes() / FIRST_SHARE, quiet(whole), listener);
        segments.set(index, rest);
        memory += rest.memory() - whole.memory();
        thinnedMemory += rest.memory() - (whole.isThinned() ? whole.memory() : 0);
        for (int i = 0; i <= index; i++) {
            segments.get(i).moveCounts(whole.envelopes() - rest.envelopes(), whole.logs() - rest.logs());
        }
        if (rest.data != whole.data) {
            keepArray(whole);
        }
        listener.thinned(rest.base, rest.end());
    }

    @Override
    public long head() {
        return head;
    }

    @Override
    public long tail() {
        return segments.isEmpty() ? head : segments.get(0).base;
    }

    @Override
    public long thinnedTo() {
        return thinned == 0 ? tail() : segments.get(thinned - 1).end();
    }

    @Override
    public boolean read(long position, long limit, int maxBytes, Span into) {
        if (position >= Math.min(limit, head)) {
            return false;
        }
        segmentOf(position).read(position, limit, maxBytes, into);
        return true;
    }

    @Override
    public long envelopesBefore(long position) {
        return position == head ? envelopes : segmentOf(position).envelopesBefore(position);
    }

    @Override
    public long logsBefore(long position) {
        return position == head ? logs : segmentOf(position).logsBefore(position);
    }

    @Override
    public long arrivalAt(long position) {
        return segmentOf(position).arrivalAt(position);
    }

    @Override
    public long borderFrom(long position) {
        return position == head ? head : segmentOf(position).borderFrom(position);
    }

    @Override
    public long positionAt(long millis) {
        for (Segment segment : segments) {
            long position = segment.positionAt(millis);
            if (position < segment.end()) {
                return position;
            }
        }
        return head;
    }

    @Override
    public long reach() {
        long bytes = 0;
        long taken = 0;
        for (int i = thinned; i < segments.size(); i++) {
            bytes += segments.get(i).bytes();
            taken += segments.get(i).bytes() + segments.get(i).indexMemory();
        }
        long whole = budget - thinnedBudget;
        return bytes == 0 ? whole : (long) ((double) whole * bytes / taken);
    }

    @Override
    public long memory() {
        return memory + spares.bytes() + (spare == null ? 0 : spare.length);
    }

    @Override
    public void onTrim(TrimListener trimListener) {
        this.listener = trimListener;
    }

    private Segment segmentOf(long position) {
        if (position < tail() || position >= head) {
            throw new IllegalArgumentException(
                    "position " + position + " is not in the log (" + tail() + " to " + head + ")");
        }
        int low = 0;
        int high = segments.size() - 1;
        if (position >= segments.get(high).base) {
            return segments.get(high);
        }
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).base <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return segments.get(low);
    }
}
