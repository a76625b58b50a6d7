package io.loggregator.stream;

import java.time.Instant;

/**
 * The last occasion on which a reader lost envelopes. Losses for one reason that follow each other within a second are one
 * occasion.
 *
 * @param reason one word, as it is told to the reader
 * @param count envelopes lost then; 0 if that is not known
 * @param firstMillis when it began, as {@link SteadyClock#millis}
 * @param lastMillis when it was last added to
 */
public record LastLoss(String reason, long count, long firstMillis, long lastMillis) {
    private static final long ONE_OCCASION_MILLIS = 1_000;

    /** The one that ended later; either may be null. */
    public static LastLoss later(LastLoss a, LastLoss b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a.lastMillis >= b.lastMillis ? a : b;
    }

    /**
     * What is the last occasion once more is lost.
     *
     * @param lastOrNull what it was until then; null: there was none
     * @param count envelopes; 0 if that is not known
     */
    public static LastLoss with(LastLoss lastOrNull, String reason, long count, long nowMillis) {
        if (lastOrNull == null
                || !lastOrNull.reason.equals(reason)
                || nowMillis - lastOrNull.lastMillis > ONE_OCCASION_MILLIS) {
            return new LastLoss(reason, count, nowMillis, nowMillis);
        }
        long both = lastOrNull.count == 0 || count == 0 ? 0 : lastOrNull.count + count;
        return new LastLoss(reason, both, lastOrNull.firstMillis, nowMillis);
    }

    /** When it began, by the system's clock. */
    public Instant from() {
        return Instant.ofEpochMilli(SteadyClock.toSystem(firstMillis));
    }

    /** When it was last added to, by the system's clock. */
    public Instant to() {
        return Instant.ofEpochMilli(SteadyClock.toSystem(lastMillis));
    }
}
