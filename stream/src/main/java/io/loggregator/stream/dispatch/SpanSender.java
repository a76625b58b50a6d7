package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.util.List;

/**
 * Writes a span of the log to the links that have work with it: the bytes as they are to those that take everything, to
 * the others the envelopes that somebody behind them wants. Owned by the lane.
 */
final class SpanSender {
    private final SourceTable<List<Port>> followers;
    private final LaneCounters counters;
    private final BatchCursor cursor = new BatchCursor(false);

    /** @param followers the links whose tails follow a source */
    SpanSender(SourceTable<List<Port>> followers, LaneCounters counters) {
        this.followers = followers;
        this.counters = counters;
    }

    /** Sends the span to those of the ports that it has something for. */
    void send(Span span, List<Port> candidates) {
        boolean select = false;
        for (int i = 0; i < candidates.size(); i++) {
            Port port = candidates.get(i);
            select |= port.hasWork() && !port.takesEverything();
        }
        if (select) {
            select(span, candidates);
        }
        for (int i = 0; i < candidates.size(); i++) {
            Port port = candidates.get(i);
            if (port.hasWork()) {
                if (port.takesEverything()) {
                    counters.linkBytes.add(span.length());
                    port.outlet()
                            .batch(
                                    span.to(),
                                    span.bytes(),
                                    span.start(),
                                    span.end(),
                                    port.deliveries,
                                    port.servesTails);
                } else if (port.selected > 0) {
                    counters.linkBytes.add(port.selected);
                    port.outlet().batch(span.to(), port.selection, 0, port.selected, port.deliveries, port.servesTails);
                }
                port.done();
            }
        }
    }

    /** Copies, for ports that do not take everything, the envelopes that they do. */
    private void select(Span span, List<Port> candidates) {
        cursor.over(span.bytes(), span.start(), span.end());
        while (cursor.next()) {
            int type = cursor.isV1Log() ? Selection.LOG_CLASS : Selection.METRIC_CLASS;
            List<Port> interested = followers.size() == 0
                    ? null
                    : followers.get(
                            cursor.bytes(), cursor.sourceIdStart(), cursor.sourceIdEnd(), cursor.sourceIdHash());
            for (int i = 0; i < candidates.size(); i++) {
                Port port = candidates.get(i);
                if (port.hasWork()
                        && !port.takesEverything()
                        && ((port.classes & type) != 0
                                || port.selects(cursor)
                                || (port.servesTails && port.tails().wants(cursor, interested)))) {
                    port.select(cursor.bytes(), cursor.recordStart(), cursor.envelopeEnd(), span.length());
                }
            }
        }
    }
}
