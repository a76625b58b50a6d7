package io.loggregator.trafficcontroller.gateway;

import io.loggregator.stream.Tally;

/** What one event loop's readers got and did not get; read from any thread. */
public final class GatewayCounters {
    final Tally streams = new Tally();
    final Tally envelopes = new Tally();
    final Tally bytes = new Tally();
    final Tally heldBack = new Tally();
    final Tally notices = new Tally();
    final Tally expired = new Tally();

    /** Streams open now. */
    public long streams() {
        return streams.get();
    }

    /** Envelopes written. */
    public long envelopes() {
        return envelopes.get();
    }

    /** Bytes of events written. */
    public long bytes() {
        return bytes.get();
    }

    /** Envelopes that filters have held back. */
    public long heldBack() {
        return heldBack.get();
    }

    /** Streams that ended because their time was over. */
    public long expired() {
        return expired.get();
    }

    /** Notices of loss written. */
    public long notices() {
        return notices.get();
    }
}
