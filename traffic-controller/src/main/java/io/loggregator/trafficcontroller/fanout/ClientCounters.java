package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.Tally;

/** What one event loop's clients got and did not get; read from any thread. */
public final class ClientCounters {
    final Tally ingress = new Tally();
    final Tally ingressEnvelopes = new Tally();
    final Tally ingressForV1 = new Tally();
    final Tally ingressForV2 = new Tally();
    final Tally firehoseEgress = new Tally();
    final Tally streamEgress = new Tally();
    final Tally lappedTails = new Tally();
    final Tally thinnedTails = new Tally();
    final Tally slowTails = new Tally();
    final Tally unresponsiveTails = new Tally();
    final Tally stoppedTails = new Tally();
    final Tally announced = new Tally();
    final Tally notices = new Tally();
    final Tally lagNotices = new Tally();
    final Tally slowConsumers = new Tally();
    final Tally moved = new Tally();
    final Tally violations = new Tally();
    final Tally recentLogsTimeouts = new Tally();
    final Tally containerMetricsTimeouts = new Tally();
    final Tally leftOutAnswers = new Tally();
    final Tally firehoses = new Tally();
    final Tally appStreams = new Tally();
    final Tally links = new Tally();
    final Tally connects = new Tally();
    final Tally disconnects = new Tally();
    final Tally brokenLinks = new Tally();
    final Tally lostDopplers = new Tally();
    final Tally skipped = new Tally();
    final Tally cut = new Tally();
    final Tally heldBack = new Tally();
    final Tally resumed = new Tally();
    final Tally unknownPositions = new Tally();
    volatile long recentLogsNanos;
    volatile long containerMetricsNanos;

    /** Batch bytes received over links. */
    public long ingressBytes() {
        return ingress.get();
    }

    /** Envelopes received from Dopplers. */
    public long ingress() {
        return ingressEnvelopes.get();
    }

    /** Those of them that v1 clients were there for. */
    public long ingressForV1() {
        return ingressForV1.get();
    }

    /** Those of them that readers of v2 were there for. */
    public long ingressForV2() {
        return ingressForV2.get();
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

    /** Envelopes of noisy apps that their slow streams did not get because the log was thinned. */
    public long thinnedTails() {
        return thinnedTails.get();
    }

    /** Envelopes that waited for app streams which were closed as too slow. */
    public long slowTails() {
        return slowTails.get();
    }

    /** Envelopes that waited for app streams which were closed because no Pong came. */
    public long unresponsiveTails() {
        return unresponsiveTails.get();
    }

    /** Envelopes that waited for app streams when this Traffic Controller could not wait any longer to stop. */
    public long stoppedTails() {
        return stoppedTails.get();
    }

    /** Envelopes whose loss a Doppler reported for app streams. */
    public long announced() {
        return announced.get();
    }

    /** Notices of loss written into clients' streams. */
    public long notices() {
        return notices.get();
    }

    /** Times that a client was told in its stream that it lags, through whichever endpoint it reads. */
    public long lagNotices() {
        return lagNotices.get();
    }

    /** Clients closed because they made no progress. */
    public long slowConsumers() {
        return slowConsumers.get();
    }

    /** Streams closed because another connection went on from their position. */
    public long moved() {
        return moved.get();
    }

    /** v1 clients whose streams ended because of what they sent. */
    public long violations() {
        return violations.get();
    }

    /** Dopplers' answers about recent logs that did not come in time. */
    public long recentLogsTimeouts() {
        return recentLogsTimeouts.get();
    }

    /** The same about container metrics. */
    public long containerMetricsTimeouts() {
        return containerMetricsTimeouts.get();
    }

    /** Messages of answers that were left out because the whole would have been too large. */
    public long leftOutAnswers() {
        return leftOutAnswers.get();
    }

    /** Nanoseconds that all Dopplers took for the newest answer about recent logs; 0 before the first. */
    public long recentLogsNanos() {
        return recentLogsNanos;
    }

    /** The same about container metrics. */
    public long containerMetricsNanos() {
        return containerMetricsNanos;
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

    /** Connections to Dopplers, of either kind, that were opened. */
    public long connects() {
        return connects.get();
    }

    /** Those that have ended. */
    public long disconnects() {
        return disconnects.get();
    }

    /** Links that ended before their Doppler had said goodbye. */
    public long brokenLinks() {
        return brokenLinks.get();
    }

    /** Runs of Dopplers that were lost. */
    public long lostDopplers() {
        return lostDopplers.get();
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
