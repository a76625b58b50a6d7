package io.loggregator.benchmarks.jmh;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Walking a batch and looking every envelope's source up among the subscriptions. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TableBenchmark {
    /** As many sources write as are subscribed to, but at least {@value #LEAST_SOURCES}. */
    @Param({"1", "1000", "10000"})
    private int subscriptions;

    private static final int LEAST_SOURCES = 100;

    private final SourceTable<Object> table = new SourceTable<>();
    private final BatchCursor strict = new BatchCursor(true);
    private final BatchCursor lenient = new BatchCursor(false);
    private Batches batches;

    @Setup
    public void subscribe() {
        batches = new Batches(Math.max(LEAST_SOURCES, subscriptions));
        for (int i = 0; i < subscriptions; i++) {
            table.put(PreparedBatch.sourceId(i), new Object());
        }
    }

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int strict() {
        return lookUp(strict);
    }

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int lenient() {
        return lookUp(lenient);
    }

    private int lookUp(BatchCursor cursor) {
        byte[] batch = batches.next();
        int found = 0;
        cursor.over(batch, 0, batch.length);
        while (cursor.next()) {
            Object value = table.get(batch, cursor.sourceIdStart(), cursor.sourceIdEnd(), cursor.sourceIdHash());
            found += value == null ? 0 : 1;
        }
        return found;
    }
}
