package io.loggregator.trafficcontroller.router;

import io.loggregator.stream.Tally;

/** What one event loop has of Dopplers by gRPC; read from any thread. */
public final class RouterCounters {
    final Tally connections = new Tally();
    final Tally firehoses = new Tally();
    final Tally apps = new Tally();
    final Tally v1 = new Tally();
    final Tally v2 = new Tally();
    final Tally malformed = new Tally();
    final Tally unknownLosses = new Tally();
    final Tally refused = new Tally();
    final Tally paused = new Tally();
    final Tally failedQueries = new Tally();
    final Tally ownMetricsFailed = new Tally();

    /** Dopplers that are connected now. */
    public long connections() {
        return connections.get();
    }

    /** Streams for firehoses that are open now. */
    public long firehoses() {
        return firehoses.get();
    }

    /** Streams for apps that are open now. */
    public long apps() {
        return apps.get();
    }

    /** Envelopes received as v1. */
    public long v1() {
        return v1.get();
    }

    /** Envelopes received as v2. */
    public long v2() {
        return v2.get();
    }

    /** Envelopes left out because they cannot be read. */
    public long malformed() {
        return malformed.get();
    }

    /** How often a stream was opened again, or given up with its Doppler, without anybody knowing what it missed. */
    public long unknownLosses() {
        return unknownLosses.get();
    }

    /** How often a Doppler refused a stream. */
    public long refused() {
        return refused.get();
    }

    /** How often a stream was not read on for want of room in its reader's window. */
    public long paused() {
        return paused.get();
    }

    /** Questions about the recent past that a Doppler failed to answer. */
    public long failedQueries() {
        return failedQueries.get();
    }

    /** Batches of this Traffic Controller's own metrics that a Doppler did not take. */
    public long ownMetricsFailed() {
        return ownMetricsFailed.get();
    }
}
