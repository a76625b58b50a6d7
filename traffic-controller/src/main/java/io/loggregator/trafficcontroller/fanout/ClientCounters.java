package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.Tally;

/** What one event loop's clients got and did not get; read from any thread. */
public final class ClientCounters {
    final Tally ingress = new Tally();
    final Tally firehoseEgress = new Tally();
    final Tally streamEgress = new Tally();
    final Tally lappedTails = new Tally();
    final Tally slowTails = new Tally();
    final Tally announced = new Tally();
    final Tally notices = new Tally();
    final Tally slowConsumers = new Tally();
    final Tally queryTimeouts = new Tally();
    final Tally firehoses = new Tally();
    final Tally appStreams = new Tally();
    final Tally links = new Tally();
    final Tally skipped = new Tally();
    final Tally cut = new Tally();
    final Tally heldBack = new Tally();
    final Tally resumed = new Tally();
    final Tally unknownPositions = new Tally();

    /** Batch bytes received over links. */
    public long ingressBytes() {
        return ingress.get();
    }

    /** v1 envelopes (several metrics of one gauge count once) written to firehose clients. */
    public long firehoseEgress() {
        return firehoseEgress.get();
    }

    /** v1 envelopes written to app streams. */
    public long streamEgress() {
        return streamEgress.get();
    }

    /** Envelopes that slow app streams did not get because the log was overwritten. */
    public long lappedTails() {
        return lappedTails.get();
    }

    /** Envelopes that waited for app streams which were closed as too slow. */
    public long slowTails() {
        return slowTails.get();
    }

    /** Envelopes whose loss a Doppler reported for app streams. */
    public long announced() {
        return announced.get();
    }

    /** Notices of loss written into clients' streams. */
    public long notices() {
        return notices.get();
    }

    /** Clients closed because they made no progress. */
    public long slowConsumers() {
        return slowConsumers.get();
    }

    /** Answers of Dopplers that did not come in time. */
    public long queryTimeouts() {
        return queryTimeouts.get();
    }

    /** Firehose connections open now. */
    public long firehoses() {
        return firehoses.get();
    }

    /** App stream connections open now. */
    public long appStreams() {
        return appStreams.get();
    }

    /** Links to Dopplers open now. */
    public long links() {
        return links.get();
    }

    /** Envelopes that v1 cannot express. */
    public long skipped() {
        return skipped.get();
    }

    /** Log lines cut to fit into a frame. */
    public long cut() {
        return cut.get();
    }

    /** Envelopes that v1 clients' filters left out of their streams. */
    public long heldBack() {
        return heldBack.get();
    }

    /** Readers that went on where an earlier one was. */
    public long resumed() {
        return resumed.get();
    }

    /** Positions that readers wanted to go on from, and that are none. */
    public long unknownPositions() {
        return unknownPositions.get();
    }
}
