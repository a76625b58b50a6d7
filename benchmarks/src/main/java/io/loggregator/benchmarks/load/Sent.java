package io.loggregator.benchmarks.load;

/**
 * What the generator sent in a phase.
 *
 * @param perSource logs of each source
 * @param envelopes all of them
 * @param startNanos {@link System#nanoTime()} of the start
 * @param elapsedNanos from the start to the last batch sent
 * @param heldUpNanos of these, waiting for streams that took nothing
 * @param worstLagNanos how late the latest batch left, against the schedule; 0 at full speed
 */
public record Sent(
        long[] perSource, long envelopes, long startNanos, long elapsedNanos, long heldUpNanos, long worstLagNanos) {
    /** Envelopes a second. */
    public double rate() {
        return elapsedNanos == 0 ? 0 : envelopes * 1e9 / elapsedNanos;
    }
}
