package io.loggregator.benchmarks.reader;

import io.loggregator.benchmarks.load.Stamp;
import io.loggregator.stream.Tally;
import org.HdrHistogram.Histogram;

/** What one client got of the present phase. Belongs to one event loop; the progress is read from any thread. */
public final class Checker {
    /** {@code EnvelopeBatch.batch}. */
    private static final int BATCH = 1;
    /** {@code Envelope.log} of v2, and {@code Log.payload}. */
    private static final int V2_LOG = 4;

    private static final int V2_PAYLOAD = 1;
    /** {@code Envelope.logMessage} of v1, and {@code LogMessage.message}. */
    private static final int V1_LOG = 8;

    private static final int V1_MESSAGE = 1;

    private final Fields fields = new Fields();
    private final Fields inner = new Fields();
    private final Histogram latencies;
    private final Checker togetherOrNull;
    private final Tally arrived = new Tally();
    private final Tally announced = new Tally();
    private final Tally lostDopplers = new Tally();
    private final Tally unknownLosses = new Tally();
    private int phase;
    private Sequences[] sources = {};
    private long others;
    private long firstNanos;
    private long lastNanos;

    /** @param latencies takes microseconds; shared by all clients of the event loop */
    public Checker(Histogram latencies) {
        this(latencies, null);
    }

    private Checker(Histogram latencies, Checker togetherOrNull) {
        this.latencies = latencies;
        this.togetherOrNull = togetherOrNull;
    }

    /** For one of several clients that share a subscription, on one event loop: this one is told all that any of them gets. */
    public Checker member() {
        return new Checker(latencies, this);
    }

    /** Forgets what was and expects logs of this phase. */
    public void begin(int newPhase, int sourceCount) {
        phase = newPhase;
        // Of each source when its first log comes: ten thousand tails follow one source each.
        sources = new Sequences[sourceCount];
        others = 0;
        firstNanos = 0;
        lastNanos = 0;
        arrived.add(-arrived.get());
        announced.add(-announced.get());
        lostDopplers.add(-lostDopplers.get());
        unknownLosses.add(-unknownLosses.get());
    }

    /** Takes one v1 envelope. */
    void v1(byte[] bytes, int from, int to, long nowNanos) {
        boolean log = fields.find(V1_LOG, bytes, from, to)
                && fields.find(V1_MESSAGE, bytes, fields.from(), fields.to())
                && log(bytes, fields.from(), fields.to(), nowNanos);
        if (!log) {
            other(Announced.v1(bytes, from, to));
        }
    }

    /** Takes one batch of v2 envelopes. */
    public void v2(byte[] bytes, int from, int to, long nowNanos) {
        int at = from;
        while (at < to && fields.find(BATCH, bytes, at, to)) {
            boolean log = inner.find(V2_LOG, bytes, fields.from(), fields.to())
                    && inner.find(V2_PAYLOAD, bytes, inner.from(), inner.to())
                    && log(bytes, inner.from(), inner.to(), nowNanos);
            if (!log) {
                other(Announced.v2(bytes, fields.from(), fields.to()));
            }
            at = fields.to();
        }
    }

    /**
     * Takes the payload of a log, or its beginning.
     *
     * @return whether the log is one of the load, of whatever phase
     */
    boolean log(byte[] bytes, int at, int end, long nowNanos) {
        if (!Stamp.at(bytes, at, end)) {
            return false;
        }
        if (Stamp.phase(bytes, at) != phase) {
            return true;
        }
        int source = Stamp.source(bytes, at);
        if (source < 0 || source >= sources.length) {
            return false;
        }
        if (sources[source] == null) {
            sources[source] = new Sequences();
        }
        if (!sources[source].add(Stamp.sequence(bytes, at), Stamp.nanos(bytes, at))) {
            return false;
        }
        if (togetherOrNull != null) {
            return togetherOrNull.log(bytes, at, end, nowNanos);
        }
        arrived.add(1);
        lastNanos = nowNanos;
        if (firstNanos == 0) {
            firstNanos = nowNanos;
        }
        latencies.recordValue(Math.max(0, nowNanos - Stamp.nanos(bytes, at)) / 1_000);
        return true;
    }

    /** Takes an envelope that is nothing of the load, or a gap. */
    void other(Announced announces) {
        others++;
        announced.add(announces.lost());
        lostDopplers.add(announces.lostDoppler() ? 1 : 0);
        unknownLosses.add(announces.unknown() ? 1 : 0);
        if (togetherOrNull != null) {
            togetherOrNull.other(announces);
        }
    }

    /** How often it was told in this phase that a Doppler is lost; from any thread. */
    public long lostDopplers() {
        return lostDopplers.get();
    }

    /** How often it was told in this phase of another loss without a number; from any thread. */
    public long unknownLosses() {
        return unknownLosses.get();
    }

    /** Logs of the phase that arrived, again and again ones too, or were announced as lost; from any thread. */
    public long settled() {
        return arrived.get() + announced.get();
    }

    /** Logs of the phase that arrived, again and again ones too; from any thread. */
    long arrivals() {
        return arrived.get();
    }

    /** {@link System#nanoTime()} of the first arrival of the phase; 0 if there was none. */
    long firstNanos() {
        return firstNanos;
    }

    /** {@link System#nanoTime()} of the last arrival; 0 if there was none. */
    long lastNanos() {
        return lastNanos;
    }

    /** The client was away for a while; on its event loop. */
    public void away() {
        long now = System.nanoTime();
        for (Sequences source : sources) {
            if (source != null) {
                source.away(now);
            }
        }
    }

    /** How many logs of all sources are left out where the client was {@link #away}; on its event loop. */
    public long missedAway() {
        long all = 0;
        for (Sequences source : sources) {
            all += source == null ? 0 : source.missedAway();
        }
        return all;
    }

    /** Logs of all sources that arrived after a later one; on its event loop. */
    public long outOfOrder() {
        long all = 0;
        for (Sequences source : sources) {
            all += source == null ? 0 : source.outOfOrder();
        }
        return all;
    }

    /** The highest number of a source that has arrived, -1 if none has; on its event loop. */
    public long highest(int source) {
        return sources[source] == null ? -1 : sources[source].highest();
    }

    /**
     * How many logs of a source did not arrive.
     *
     * @param from the first number that counts
     * @param to the first that does not any more
     */
    public long missing(int source, long from, long to) {
        Sequences seen = sources[source];
        if (to <= from) {
            return 0;
        }
        return seen == null ? to - from : seen.missing(to) - seen.missing(from);
    }

    /**
     * What became of what was sent.
     *
     * @param perSource how many logs of each source were sent
     * @param only the source that the client follows, or -1 for all
     */
    public Outcome outcome(long[] perSource, int only) {
        Outcome all = new Outcome(0, 0, 0, 0, 0, announced.get(), others);
        for (int i = 0; i < sources.length; i++) {
            Sequences seen = sources[i];
            long expected = only < 0 || only == i ? perSource[i] : 0;
            if (seen == null) {
                all = all.plus(new Outcome(expected, 0, expected, 0, 0, 0, 0));
                continue;
            }
            // Beyond what was sent there is nothing to receive: a number from there is none of ours.
            long missing = seen.missing(expected);
            long foreign = seen.distinct() - (expected - missing);
            all = all.plus(new Outcome(
                    expected, expected - missing, missing, seen.duplicates(), seen.outOfOrder(), 0, foreign));
        }
        return all;
    }
}
