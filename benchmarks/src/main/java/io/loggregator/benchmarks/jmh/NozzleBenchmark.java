package io.loggregator.benchmarks.jmh;

import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.Envelope;
import io.loggregator.nozzle.Log;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** What a nozzle's handler does with a batch, the check of every envelope before it is handed out included. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NozzleBenchmark {
    private final Batches batches = new Batches(100);

    /** The bytes are passed on. */
    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int raw() {
        return Batch.of(batches.next()).bytes().remaining();
    }

    /** Source id and text of each envelope. */
    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public void text(Blackhole seen) {
        for (Envelope envelope : Batch.of(batches.next())) {
            seen.consume(envelope.sourceId());
            if (envelope instanceof Log log) {
                seen.consume(log.text());
            }
        }
    }

    /** Source id, text, and all tags. */
    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public void tags(Blackhole seen) {
        for (Envelope envelope : Batch.of(batches.next())) {
            seen.consume(envelope.sourceId());
            seen.consume(envelope.tags());
            if (envelope instanceof Log log) {
                seen.consume(log.text());
            }
        }
    }
}
