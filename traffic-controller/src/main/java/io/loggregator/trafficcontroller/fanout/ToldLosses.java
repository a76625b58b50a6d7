package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.LastLoss;
import io.loggregator.stream.SteadyClock;
import io.loggregator.trafficcontroller.subscription.Loss;

/** What one client was told that it lost. On its event loop. */
final class ToldLosses {
    private long count;
    private long unnumbered;
    private LastLoss last;

    void add(Loss loss) {
        count += loss.count();
        unnumbered += loss.count() == 0 ? 1 : 0;
        last = LastLoss.with(last, loss.reason(), loss.count(), SteadyClock.millis());
    }

    /** Envelopes, of losses with a number. */
    long count() {
        return count;
    }

    /** Losses without one. */
    long unnumbered() {
        return unnumbered;
    }

    /** The last occasion, by when it was told, or null. */
    LastLoss last() {
        return last;
    }
}
