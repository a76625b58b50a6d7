package io.loggregator.stream.selection;

import io.loggregator.wire.BatchCursor;
import java.util.List;
import java.util.Set;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;

/**
 * What a reader asked for, and a plain model of what that takes: selector by selector, of envelopes that protobuf has
 * parsed.
 *
 * @param app not null: what v1 readers see under one app, of these {@code classes}; else what {@code selectors} take
 * @param shared whether the reader shares with others, so that equal selectors are one
 */
record Wanted(String app, int classes, List<Selector> selectors, boolean shared) {
    Selection selection() {
        return app == null ? Selection.of(selectors, shared) : Selection.ofApp(app, classes);
    }

    /** How often an envelope is to be delivered. */
    int times(Envelope envelope) {
        if (app != null) {
            return takesOfApp(envelope) ? 1 : 0;
        }
        return (int) (shared ? selectors.stream().distinct() : selectors.stream())
                .filter(selector -> takes(selector, envelope))
                .count();
    }

    private boolean takesOfApp(Envelope envelope) {
        boolean log = envelope.hasLog() && !"Error".equals(envelope.getTagsOrDefault("__v1_type", ""));
        boolean itsOwn = app.equals(envelope.getSourceId()) || (app.equals("system") && !log);
        return itsOwn && (classes & (log ? Selection.LOG_CLASS : Selection.METRIC_CLASS)) != 0;
    }

    private static boolean takes(Selector selector, Envelope envelope) {
        return (selector.sourceId().isEmpty() || selector.sourceId().equals(envelope.getSourceId()))
                && switch (selector.kind()) {
                    case BatchCursor.LOG -> envelope.hasLog();
                    case BatchCursor.COUNTER ->
                        envelope.hasCounter()
                                && hasNames(
                                        selector, Set.of(envelope.getCounter().getName()));
                    case BatchCursor.GAUGE ->
                        envelope.hasGauge()
                                && hasNames(
                                        selector,
                                        envelope.getGauge().getMetricsMap().keySet());
                    case BatchCursor.TIMER -> envelope.hasTimer();
                    case BatchCursor.EVENT -> envelope.hasEvent();
                    default -> throw new IllegalArgumentException("kind " + selector.kind());
                };
    }

    private static boolean hasNames(Selector selector, Set<String> names) {
        return selector.names().isEmpty() || names.equals(Set.copyOf(selector.names()));
    }
}
