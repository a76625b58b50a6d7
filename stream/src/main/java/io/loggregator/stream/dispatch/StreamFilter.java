package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;

/** What a subscription wants of the stream, by the classes that v1's {@code filter-type} knows. */
public enum StreamFilter {
    /** Everything. */
    ALL,
    /** What v1 readers see as a LogMessage. */
    LOGS,
    /** All but that. */
    METRICS;

    /** Bit of {@link #LOGS} in a mask of classes. */
    static final int LOG_CLASS = 1;
    /** Bit of {@link #METRICS} in a mask of classes. */
    static final int METRIC_CLASS = 2;

    /** The classes wanted, as a mask. */
    int classes() {
        return switch (this) {
            case ALL -> LOG_CLASS | METRIC_CLASS;
            case LOGS -> LOG_CLASS;
            case METRICS -> METRIC_CLASS;
        };
    }

    /** Whether an envelope of a class passes. */
    public boolean takes(boolean log) {
        return this == ALL || (this == LOGS) == log;
    }

    /** How many envelopes of the span pass. */
    int count(Span span) {
        return switch (this) {
            case ALL -> span.envelopes();
            case LOGS -> span.logs();
            case METRICS -> span.envelopes() - span.logs();
        };
    }

    /** How many envelopes that pass were appended before the position, which the log must still hold. */
    long countBefore(Log log, long position) {
        return switch (this) {
            case ALL -> log.envelopesBefore(position);
            case LOGS -> log.logsBefore(position);
            case METRICS -> log.envelopesBefore(position) - log.logsBefore(position);
        };
    }
}
