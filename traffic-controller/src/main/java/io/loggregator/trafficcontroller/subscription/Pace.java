package io.loggregator.trafficcontroller.subscription;

import java.util.Locale;

/**
 * How fast a reader was, and how fast it would have to be, in envelopes a second.
 *
 * @param took what reached it
 * @param needed what came for it
 */
public record Pace(double took, double needed) {
    private static final double FEW = 9.95;

    /** Why a reader is closed that takes too little: short enough for a WebSocket's Close frame, which has room for 123 bytes. */
    public String tooSlow() {
        return "too slow: took " + this;
    }

    /** As {@code 120 of 5300 envelopes/s}. */
    @Override
    public String toString() {
        return text(took) + " of " + text(needed) + " envelopes/s";
    }

    private static String text(double rate) {
        String text = String.format(Locale.ROOT, rate < FEW ? "%.1f" : "%.0f", rate);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
