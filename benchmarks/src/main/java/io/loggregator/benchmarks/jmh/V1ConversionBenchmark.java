package io.loggregator.benchmarks.jmh;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v1.V1Output;
import io.loggregator.wire.v1.V1Renderer;
import io.loggregator.wire.v1.V1ToV2;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Making v2 of a v1 envelope, as a Doppler does with what is sent to it and a nozzle with what an old server sends. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class V1ConversionBenchmark {
    private static final int LARGEST = 65_536;

    private final V1ToV2 converter = new V1ToV2(LARGEST);
    private final ByteSink converted = new ByteSink(LARGEST);
    private final List<byte[]> envelopes = new ArrayList<>();
    private int next;

    /** Renders the usual load, so that its v1 form is converted back. */
    public V1ConversionBenchmark() {
        Batches batches = new Batches(100);
        V1Renderer renderer = new V1Renderer(LARGEST);
        V1Output kept = new V1Output() {
            @Override
            protected void finished(int from, int to) {
                envelopes.add(Arrays.copyOfRange(bytes, from, to));
                end = from;
            }
        };
        while (envelopes.size() < 16 * Batches.SIZE) {
            byte[] batch = batches.next();
            BatchCursor cursor = new BatchCursor(false).over(batch, 0, batch.length);
            while (cursor.next()) {
                renderer.render(batch, cursor.envelopeStart(), cursor.envelopeEnd(), kept);
            }
        }
    }

    @Benchmark
    public int v1Conversion() {
        byte[] envelope = envelopes.get(next);
        next = next + 1 == envelopes.size() ? 0 : next + 1;
        if (!converter.convert(envelope, 0, envelope.length, true, converted.reset())) {
            throw new AssertionError("a v1 envelope of our own cannot be converted");
        }
        return converted.end();
    }
}
