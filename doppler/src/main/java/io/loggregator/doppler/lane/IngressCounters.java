package io.loggregator.doppler.lane;

import io.loggregator.stream.Tally;

/** What a lane's connections brought; written by the lane, read from any thread. */
public final class IngressCounters {
    final Tally batches = new Tally();
    final Tally envelopes = new Tally();
    final Tally malformedBatches = new Tally();
    final Tally malformedEnvelopes = new Tally();
    final Tally malformedBytes = new Tally();
    private final Tally streamsEnded = new Tally();

    /** Messages received. */
    public long batches() {
        return batches.get();
    }

    /** Envelopes taken in. */
    public long envelopes() {
        return envelopes.get();
    }

    /** A stream of an agent was ended in a pause; on the loop. */
    public void streamEnded() {
        streamsEnded.add(1);
    }

    /** Streams of agents that were ended in a pause. */
    public long streamsEnded() {
        return streamsEnded.get();
    }

    /** Messages whose framing was unsound, refused whole. */
    public long malformedBatches() {
        return malformedBatches.get();
    }

    /** Envelopes left out of batches that were otherwise sound. */
    public long malformedEnvelopes() {
        return malformedEnvelopes.get();
    }

    /** Bytes of both. */
    public long malformedBytes() {
        return malformedBytes.get();
    }
}
