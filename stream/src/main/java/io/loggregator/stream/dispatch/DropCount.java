package io.loggregator.stream.dispatch;

import io.loggregator.stream.LastLoss;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.Tally;
import java.util.function.LongSupplier;

/**
 * Envelopes that a group did not get, for one reason, and when that last happened. Owned by the lane; the count may be
 * read from any thread.
 */
final class DropCount {
    private final String reason;
    private final LongSupplier clock;
    private final Tally total = new Tally();
    /** Null as long as nothing was dropped. */
    private LastLoss last;

    /** @param reason a reason of {@link Gap} */
    DropCount(String reason) {
        this(reason, SteadyClock::millis);
    }

    /** @param clock as {@link SteadyClock#millis} */
    DropCount(String reason, LongSupplier clock) {
        this.reason = reason;
        this.clock = clock;
    }

    void add(long envelopes) {
        if (envelopes <= 0) {
            return;
        }
        total.add(envelopes);
        last = LastLoss.with(last, reason, envelopes, clock.getAsLong());
    }

    /** Takes over what another one counted. */
    void add(DropCount other) {
        total.add(other.get());
        last = LastLoss.later(last, other.last);
    }

    long get() {
        return total.get();
    }

    /** The last occasion, or null. */
    LastLoss last() {
        return last;
    }
}
