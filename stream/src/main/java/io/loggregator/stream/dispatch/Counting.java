package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Selection;
import io.loggregator.wire.BatchCursor;

/** Counts what a selection takes: by the log's index where classes decide, else envelope by envelope. Owned by the lane. */
final class Counting {
    /** Bytes of the log that are looked through in one go for what selections take: about a millisecond's work. */
    static final long MOST_WALKED = 512 * 1024;

    private final Log log;
    private final Span walked = new Span();
    private final BatchCursor cursor = new BatchCursor(false);

    Counting(Log log) {
        this.log = log;
    }

    /** How many envelopes in the span belong to the classes. */
    static int in(Span span, int classes) {
        return switch (classes) {
            case Selection.LOG_CLASS -> span.logs();
            case Selection.METRIC_CLASS -> span.envelopes() - span.logs();
            default -> span.envelopes();
        };
    }

    /**
     * How many deliveries of envelopes the selection takes from a stretch of the log, between two borders of batches that
     * it still holds.
     */
    long between(long from, long to, Selection selection) {
        return switch (selection.classes()) {
            case Selection.LOG_CLASS | Selection.METRIC_CLASS -> log.envelopesBefore(to) - log.envelopesBefore(from);
            case Selection.LOG_CLASS -> log.logsBefore(to) - log.logsBefore(from);
            case Selection.METRIC_CLASS ->
                log.envelopesBefore(to) - log.logsBefore(to) - log.envelopesBefore(from) + log.logsBefore(from);
            default -> walk(from, to, selection);
        };
    }

    /** What the log, which has been thinned, still holds of a range within one segment; null if nothing. */
    Delivery held(Delivery range, Selection selection) {
        log.read(range.from(), range.to(), Integer.MAX_VALUE, walked);
        long envelopes = 0;
        long bytes = 0;
        cursor.over(walked.bytes(), walked.start(), walked.end());
        while (cursor.next()) {
            int times = selection.matches(cursor);
            if (times > 0 && range.share().takes(cursor)) {
                envelopes += times;
                bytes += cursor.envelopeEnd() - cursor.recordStart();
            }
        }
        return envelopes == 0 ? null : range.holding(envelopes, Math.min(bytes, range.bytes()));
    }

    private long walk(long from, long to, Selection selection) {
        long count = 0;
        long at = from;
        while (log.read(at, to, Integer.MAX_VALUE, walked)) {
            cursor.over(walked.bytes(), walked.start(), walked.end());
            while (cursor.next()) {
                count += selection.matches(cursor);
            }
            at = walked.to();
        }
        return count;
    }
}
