package io.loggregator.stream.log;

import java.util.ArrayList;
import java.util.List;

/**
 * The log in memory: a ring of segments. Memory is taken as it is needed, up to the budget; from then on the array of
 * the oldest segment is used again for the newest. A batch larger than a segment gets a segment of its own size.
 */
public final class MemoryLog implements Log {
    private static final int LARGEST_SEGMENT = 1 << 20;
    private static final int SMALLEST_SEGMENT = 1 << 12;
    private static final int SEGMENTS = 32;

    private final long budget;
    private final int segmentBytes;
    /** Oldest first; random access by age for the search. */
    private final List<Segment> segments = new ArrayList<>();

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
        if (budget < SMALLEST_SEGMENT) {
            throw new IllegalArgumentException("budget: " + budget + " (expected: at least " + SMALLEST_SEGMENT + ")");
        }
        this.budget = budget;
        this.segmentBytes = (int) Math.max(SMALLEST_SEGMENT / 2, Math.min(LARGEST_SEGMENT, budget / SEGMENTS));
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
        if (spare != null && memory + spare.length > budget) {
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

    /** Drops the oldest segments until {@code room} more bytes fit, but not the newest for the sake of itself. */
    private void trim(long room) {
        int keep = room > 0 ? 0 : 1;
        while (segments.size() > keep && memory + room > budget) {
            Segment oldest = segments.get(0);
            if (oldest.end() > oldest.base) {
                listener.trimming(oldest.base, oldest.end(), oldest.lastArrival());
            }
            segments.remove(0);
            memory -= oldest.memory();
            if (oldest.data.length == segmentBytes) {
                spare = oldest.data;
            }
        }
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
    public long memory() {
        return spare == null ? memory : memory + spare.length;
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
