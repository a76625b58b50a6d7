package io.loggregator.stream.dispatch;

import io.loggregator.stream.SteadyClock;

/**
 * The last occasion on which a group lost envelopes.
 *
 * @param reason one word, as {@link Gap#reason}
 * @param count envelopes lost then
 * @param firstMillis when it began, as {@link SteadyClock#millis}
 * @param lastMillis when it was last added to
 */
public record LastLoss(String reason, long count, long firstMillis, long lastMillis) {
    /** The one that ended later; either may be null. */
    public static LastLoss later(LastLoss a, LastLoss b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.lastMillis >= b.lastMillis ? a : b;
    }
}
