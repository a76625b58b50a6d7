package io.loggregator.benchmarks.reader;

import io.loggregator.benchmarks.load.Stamp;
import io.loggregator.stream.Tally;
import org.HdrHistogram.Histogram;

/** What one client got of the present phase. Belongs to one event loop; the progress is read from any thread. */
final class Checker {
    private final LogPayload payload = new LogPayload();
    private final Histogram latencies;
    private final Tally arrived = new Tally();
    private int phase;
    private Sequences[] sources = {};
    private long others;
    private long lastNanos;

    /** @param latencies takes microseconds; shared by all clients of the event loop */
    Checker(Histogram latencies) {
        this.latencies = latencies;
    }

    /** Forgets what was and expects logs of this phase. */
    void begin(int newPhase, int sourceCount) {
        phase = newPhase;
        sources = new Sequences[sourceCount];
        for (int i = 0; i < sourceCount; i++) {
            sources[i] = new Sequences();
        }
        others = 0;
        lastNanos = 0;
        arrived.add(-arrived.get());
    }

    /** Takes one v1 envelope. */
    void envelope(byte[] bytes, int from, int to, long nowNanos) {
        if (!payload.in(bytes, from, to) || !Stamp.at(bytes, payload.from(), payload.to())) {
            others++;
            return;
        }
        int at = payload.from();
        if (Stamp.phase(bytes, at) != phase) {
            return;
        }
        int source = Stamp.source(bytes, at);
        if (source < 0 || source >= sources.length || !sources[source].add(Stamp.sequence(bytes, at))) {
            others++;
            return;
        }
        arrived.add(1);
        lastNanos = nowNanos;
        latencies.recordValue(Math.max(0, nowNanos - Stamp.nanos(bytes, at)) / 1_000);
    }

    /** Logs of the phase that arrived, again and again ones too; from any thread. */
    long arrived() {
        return arrived.get();
    }

    /** {@link System#nanoTime()} of the last arrival; 0 if there was none. */
    long lastNanos() {
        return lastNanos;
    }

    /**
     * What became of what was sent.
     *
     * @param perSource how many logs of each source were sent
     * @param only the source that the client follows, or -1 for all
     */
    Outcome outcome(long[] perSource, int only) {
        Outcome all = new Outcome(0, 0, 0, 0, 0, others);
        for (int i = 0; i < sources.length; i++) {
            Sequences seen = sources[i];
            long expected = only < 0 || only == i ? perSource[i] : 0;
            // Beyond what was sent there is nothing to receive: a number from there is none of ours.
            long missing = seen.missing(expected);
            long foreign = seen.distinct() - (expected - missing);
            all = all.plus(
                    new Outcome(expected, expected - missing, missing, seen.duplicates(), seen.outOfOrder(), foreign));
        }
        return all;
    }
}
