package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;

/**
 * A walk over the newest part of a lane's log, to count it source by source. Nothing is counted while envelopes are on
 * their way: who wants to know pays for it, slice by slice. Owned by the lane; what is overwritten between two slices is
 * left out.
 */
public final class SourceWalk {
    /** Read at once, larger single batches apart; the time is looked at after each. */
    private static final int SPAN_BYTES = 8 * 1024;

    private final Log log;
    private final long until;
    private final long sinceMillis;
    private final long nowMillis;
    private final int mostSources;
    private final SourceTable<SourceCount> table = new SourceTable<>();
    private final SourceCount others = new SourceCount();
    private final SourceCount total = new SourceCount();
    private final Span span = new Span();
    private final BatchCursor cursor = new BatchCursor(false);
    private long at;
    /** Whether the walk reaches back as far as was asked for. */
    private boolean whole;

    private long firstMillis = Long.MAX_VALUE;

    /** @param until up to where the lane has handed out */
    SourceWalk(Log log, long until, long mostBytes, long sinceMillis, long nowMillis, int mostSources) {
        this.log = log;
        this.until = until;
        this.sinceMillis = sinceMillis;
        this.nowMillis = nowMillis;
        this.mostSources = mostSources;
        // Where the log has been thinned, it does not tell what came.
        this.at = log.borderFrom(Math.max(log.thinnedTo(), until - mostBytes));
        this.whole = at == 0;
    }

    /**
     * Goes on by one slice.
     *
     * @param bytes about how much of the log that is
     * @param nanos when to stop earlier, nanoseconds after the call
     * @return whether there is more
     */
    public boolean step(int bytes, long nanos) {
        long begun = System.nanoTime();
        if (at < log.thinnedTo()) {
            at = log.thinnedTo();
            whole = false;
        }
        long end = at + bytes;
        long begunAt = at;
        while (at < end
                && (at == begunAt || System.nanoTime() - begun < nanos)
                && log.read(at, until, SPAN_BYTES, span)) {
            if (span.firstMillis() < sinceMillis && span.lastMillis() >= sinceMillis) {
                // Batch by batch, where the time begins.
                log.read(at, until, 0, span);
            }
            at = span.to();
            if (span.lastMillis() < sinceMillis) {
                whole = true;
            } else {
                firstMillis = Math.min(firstMillis, span.firstMillis());
                count();
            }
        }
        return at < until;
    }

    private void count() {
        cursor.over(span.bytes(), span.start(), span.end());
        while (cursor.next()) {
            boolean line = cursor.isV1Log();
            int bytes = cursor.envelopeEnd() - cursor.recordStart();
            total.add(line, bytes);
            source().add(line, bytes);
        }
    }

    private SourceCount source() {
        int from = cursor.sourceIdStart();
        int to = cursor.sourceIdEnd();
        SourceCount count = table.get(cursor.bytes(), from, to, cursor.sourceIdHash());
        if (count != null) {
            return count;
        }
        if (table.size() >= mostSources) {
            return others;
        }
        SourceCount first = new SourceCount();
        table.put(cursor.bytes(), from, to, cursor.sourceIdHash(), first);
        return first;
    }

    /** What was found, by source id. */
    public SourceTable<SourceCount> sources() {
        return table;
    }

    /** What was found of sources beyond those that are counted one by one. */
    public SourceCount others() {
        return others;
    }

    /** What was found of all sources. */
    public SourceCount total() {
        return total;
    }

    /** In how much time all that had arrived, until the walk began; at least 1 ms. */
    public long coveredMillis() {
        long from = whole || firstMillis == Long.MAX_VALUE ? sinceMillis : Math.max(sinceMillis, firstMillis);
        return Math.max(1, nowMillis - from);
    }
}
