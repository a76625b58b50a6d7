package io.loggregator.trafficcontroller.streamv2;

import io.loggregator.stream.Tally;

/** What the clients of one event loop add up to. Written by their loop, read by whoever scrapes. */
public final class StreamCounters {
    final Tally open = new Tally();
    final Tally envelopes = new Tally();
    final Tally violations = new Tally();
    final Tally slow = new Tally();
    final Tally heldBack = new Tally();

    /** Streams open now. */
    public long open() {
        return open.get();
    }

    /** Envelopes written, once for each client. */
    public long envelopes() {
        return envelopes.get();
    }

    /** Streams that were ended because the client broke the protocol or asked for what it cannot have. */
    public long violations() {
        return violations.get();
    }

    /** Streams that were ended because the client acknowledged nothing. */
    public long slow() {
        return slow.get();
    }

    /** Envelopes that filters of the query left out. */
    public long heldBack() {
        return heldBack.get();
    }
}
