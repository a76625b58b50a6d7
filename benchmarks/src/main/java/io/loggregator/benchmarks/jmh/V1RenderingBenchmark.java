package io.loggregator.benchmarks.jmh;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.v1.V1Output;
import io.loggregator.wire.v1.V1Renderer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Walking a batch leniently and rendering every envelope as v1, without frames around them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class V1RenderingBenchmark {
    private static final int LARGEST = 65_536;

    private final Batches batches = new Batches(100);
    private final BatchCursor cursor = new BatchCursor(false);
    private final V1Renderer renderer = new V1Renderer(LARGEST);
    private final Gathered gathered = new Gathered();

    /** Envelopes behind each other. */
    private static final class Gathered extends V1Output {
        void reset() {
            end = 0;
        }

        int length() {
            return end;
        }

        @Override
        protected void finished(int from, int to) {
            end = to;
        }
    }

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int v1Rendering() {
        byte[] batch = batches.next();
        gathered.reset();
        cursor.over(batch, 0, batch.length);
        while (cursor.next()) {
            renderer.render(batch, cursor.envelopeStart(), cursor.envelopeEnd(), gathered);
        }
        return gathered.length();
    }
}
