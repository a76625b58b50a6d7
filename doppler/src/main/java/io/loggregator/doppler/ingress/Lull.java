package io.loggregator.doppler.ingress;

import java.time.Duration;

/**
 * Waits for a moment in which a stream is silent, so that when it ends nothing is under way: what is, is lost without
 * anybody knowing. Agents send every 100 ms, or whenever a batch is full; so first a long silence is wanted, then, for
 * those that hardly pause, a shorter one. To be asked every {@link #CHECK}; owned by the stream's event loop.
 */
final class Lull {
    /** How often to ask. */
    static final Duration CHECK = Duration.ofMillis(5);

    private static final int LONG_CHECKS = 10;
    private static final int SHORT_CHECKS = 3;

    private final long begun;
    private final long patienceNanos;
    private long seen;
    private int silent;

    /** What to do about the stream. */
    enum Verdict {
        /** Ask again. */
        WAIT,
        /** End it now. */
        SILENT,
        /** End it now, although it is not silent. */
        OVER
    }

    /** @param messages how many the stream has brought so far */
    Lull(Duration patience, long messages, long nowNanos) {
        this.patienceNanos = patience.toNanos();
        this.seen = messages;
        this.begun = nowNanos;
    }

    Verdict ask(long messages, long nowNanos) {
        silent = messages == seen ? silent + 1 : 0;
        seen = messages;
        long waited = nowNanos - begun;
        int wanted = waited < patienceNanos / 2 ? LONG_CHECKS : waited < patienceNanos / 4 * 3 ? SHORT_CHECKS : 1;
        if (silent >= wanted) {
            return Verdict.SILENT;
        }
        return waited < patienceNanos ? Verdict.WAIT : Verdict.OVER;
    }
}
