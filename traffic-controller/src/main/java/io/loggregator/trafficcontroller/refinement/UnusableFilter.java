package io.loggregator.trafficcontroller.refinement;

/** A filter that cannot be used; the message tells the client which, and what would be. */
public final class UnusableFilter extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableFilter(String message) {
        super(message, null, false, false);
    }
}
