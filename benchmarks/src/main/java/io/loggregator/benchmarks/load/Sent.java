package io.loggregator.benchmarks.load;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

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
    static Sent read(DataInputStream from) throws IOException {
        long[] perSource = new long[from.readInt()];
        for (int i = 0; i < perSource.length; i++) {
            perSource[i] = from.readLong();
        }
        return new Sent(perSource, from.readLong(), from.readLong(), from.readLong(), from.readLong(), from.readLong());
    }

    void write(DataOutputStream to) throws IOException {
        to.writeInt(perSource.length);
        for (long logs : perSource) {
            to.writeLong(logs);
        }
        to.writeLong(envelopes);
        to.writeLong(startNanos);
        to.writeLong(elapsedNanos);
        to.writeLong(heldUpNanos);
        to.writeLong(worstLagNanos);
    }

    /** Envelopes a second. */
    public double rate() {
        return elapsedNanos == 0 ? 0 : envelopes * 1e9 / elapsedNanos;
    }
}
