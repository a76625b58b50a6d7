package io.loggregator.doppler.ingress;

import java.time.Duration;

/**
 * Waits for a moment in which a stream can end with nothing under way: what is, is lost without anybody knowing. Agents
 * send at more or less regular intervals, so the best moment is early in a pause. For a while it is learnt how long this
 * agent pauses; then a pause counts that has lasted a quarter of that, not much more, or is unusually long, and if none
 * comes, shorter ones do. To be asked every {@link #CHECK}; owned by the stream's event loop.
 */
public final class Lull {
    /** How often to ask. */
    public static final Duration CHECK = Duration.ofMillis(5);

    private static final long CHECK_NANOS = CHECK.toNanos();
    /** Long enough, too, for agents that heed a GOAWAY to end their streams themselves. */
    private static final long LEARNING_NANOS = 100 * CHECK_NANOS;

    private final long begun;
    private final long patienceNanos;
    private long seen;
    private long silentSince;
    private long longestPause;

    /** What to do about the stream. */
    public enum Verdict {
        /** Ask again. */
        WAIT,
        /** End it now. */
        SILENT,
        /** End it now, although it is not silent. */
        OVER
    }

    /** @param messages how many the stream has brought so far */
    public Lull(Duration patience, long messages, long nowNanos) {
        this.patienceNanos = patience.toNanos();
        this.seen = messages;
        this.begun = nowNanos;
        this.silentSince = nowNanos;
    }

    /** Asks, with what the stream has brought by now. */
    public Verdict ask(long messages, long nowNanos) {
        long waited = nowNanos - begun;
        if (messages != seen) {
            seen = messages;
            learn(nowNanos - silentSince);
            silentSince = nowNanos;
        } else if (learnt(waited) && isEarly(nowNanos - silentSince, waited)) {
            return Verdict.SILENT;
        }
        return waited < patienceNanos ? Verdict.WAIT : Verdict.OVER;
    }

    /** Two messages from one check to the next are no pause. */
    private void learn(long pause) {
        if (pause > CHECK_NANOS) {
            longestPause = Math.max(longestPause, pause);
        }
    }

    private boolean learnt(long waited) {
        return waited >= Math.min(LEARNING_NANOS, patienceNanos / 2);
    }

    private boolean isEarly(long silence, long waited) {
        if (waited >= patienceNanos / 2) {
            return waited >= patienceNanos / 4 * 3 || silence >= longestPause / 8;
        }
        boolean early = silence >= longestPause / 4 && silence <= Math.max(2 * CHECK_NANOS, longestPause / 8 * 3);
        // Longer than usual: no agent that sends regularly.
        return early || silence > 2 * longestPause;
    }
}
