package io.loggregator.benchmarks.jmh;

import io.loggregator.wire.BatchCursor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Walking a batch: strictly, as the Doppler does with what comes in, and leniently, as everybody after it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CursorBenchmark {
    private final Batches batches = new Batches(100);
    private final BatchCursor strict = new BatchCursor(true);
    private final BatchCursor lenient = new BatchCursor(false);

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int strict() {
        return walk(strict);
    }

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int lenient() {
        return walk(lenient);
    }

    private int walk(BatchCursor cursor) {
        byte[] batch = batches.next();
        int seen = 0;
        cursor.over(batch, 0, batch.length);
        while (cursor.next()) {
            seen += cursor.valid() && cursor.isV1Log() ? cursor.sourceIdHash() : 0;
        }
        return seen;
    }
}
