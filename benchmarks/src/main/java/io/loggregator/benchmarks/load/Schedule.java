package io.loggregator.benchmarks.load;

import java.util.concurrent.TimeUnit;

/**
 * When each batch is due. Fixed from the start, so that a generator that was late catches up, and its lateness shows in
 * the latencies instead of hiding in a slower pace.
 */
final class Schedule {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long start;
    private final double nanosPerBatch;

    /**
     * @param start {@link System#nanoTime()} when the first batch is due
     * @param rate envelopes a second, 1 and more
     * @param batchSize envelopes in a batch
     */
    Schedule(long start, long rate, int batchSize) {
        if (rate < 1) {
            throw new IllegalArgumentException("rate: " + rate);
        }
        this.start = start;
        this.nanosPerBatch = batchSize * NANOS / rate;
    }

    /** When the n-th batch is due, counted from 0. */
    long due(long n) {
        return start + Math.round(n * nanosPerBatch);
    }
}
