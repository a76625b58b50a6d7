package io.loggregator.node;

/** The query of a request to the diagnostics port is not understood; the message says why, in one line. */
public final class InvalidQuery extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidQuery(String message) {
        super(message, null, false, false);
    }
}
