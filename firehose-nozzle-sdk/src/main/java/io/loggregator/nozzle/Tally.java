package io.loggregator.nozzle;

import java.util.concurrent.atomic.LongAdder;

/** Counts what a nozzle does; any thread may add and read. */
final class Tally {
    final LongAdder envelopes = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder batches = new LongAdder();
    final LongAdder handled = new LongAdder();
    final LongAdder failedBatches = new LongAdder();
    final LongAdder gaps = new LongAdder();
    final LongAdder lost = new LongAdder();
    final LongAdder malformed = new LongAdder();
    final LongAdder streams = new LongAdder();
    final LongAdder reconnects = new LongAdder();
    final LongAdder failures = new LongAdder();
    volatile long lagNanos;

    Statistics statistics(long bufferedBytes) {
        return new Statistics(
                envelopes.sum(),
                bytes.sum(),
                batches.sum(),
                handled.sum(),
                failedBatches.sum(),
                gaps.sum(),
                lost.sum(),
                malformed.sum(),
                streams.sum(),
                reconnects.sum(),
                failures.sum(),
                bufferedBytes);
    }

    void gap(Gap gap) {
        gaps.increment();
        lost.add(gap.count().orElse(0));
    }
}
