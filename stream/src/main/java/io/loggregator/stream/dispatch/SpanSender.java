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
    private final Interests interests;
    private final LaneCounters counters;
    private final BatchCursor cursor = new BatchCursor(false);

    /**
     * @param followers the links whose tails follow a source
     * @param interests have walked the span that is sent, if it is for a group that selects by more than classes
     */
    SpanSender(SourceTable<List<Port>> followers, Interests interests, LaneCounters counters) {
        this.followers = followers;
        this.interests = interests;
        this.counters = counters;
    }

    /** Sends the span to those of the ports that it has something for. */
    void send(Span span, List<Port> candidates) {
        boolean byInterest = false;
        boolean byClass = false;
        for (int i = 0; i < candidates.size(); i++) {
            Port port = candidates.get(i);
            if (port.hasWork() && !port.takesEverything()) {
                byClass |= port.classes != 0 || port.servesTails;
                byInterest |= port.hasInterests();
            }
        }
        if (byClass) {
            select(span, candidates, byInterest);
        } else if (byInterest) {
            for (int i = 0; i < interests.envelopes(); i++) {
                selectForTakers(span, i);
            }
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
                if (port.servesTails && (port.takesEverything() || port.selected > 0)) {
                    port.tails().sent(span.to());
                }
                port.done();
            }
        }
    }

    /** Copies, for ports that do not take everything, the envelopes that they do. */
    private void select(Span span, List<Port> candidates, boolean byInterest) {
        int wanted = 0;
        int most = byInterest ? interests.envelopes() : 0;
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
                                || (port.servesTails && port.tails().wants(cursor, interested)))) {
                    port.select(cursor.bytes(), cursor.recordStart(), cursor.envelopeEnd(), span.length());
                }
            }
            if (wanted < most && interests.start(wanted) == cursor.recordStart()) {
                selectForTakers(span, wanted++);
            }
        }
    }

    /** Copies one of the envelopes that {@link #interests} found to the links with members that get it. */
    private void selectForTakers(Span span, int envelope) {
        int last = interests.lastTaker(envelope);
        for (int i = interests.firstTaker(envelope); i < last; i++) {
            List<Port> ports = interests.taker(i).ports;
            for (int j = 0; j < ports.size(); j++) {
                Port port = ports.get(j);
                if (!port.takesEverything()) {
                    port.select(span.bytes(), interests.start(envelope), interests.end(envelope), span.length());
                }
            }
        }
    }
}
