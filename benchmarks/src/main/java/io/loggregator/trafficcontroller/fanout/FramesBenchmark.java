package io.loggregator.trafficcontroller.fanout;

import io.loggregator.benchmarks.jmh.Batches;
import io.loggregator.stream.Tally;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Everything that the Traffic Controller does with a batch between its link and its clients' sockets: walk, rendering,
 * frames, a buffer shared by all, handed to four firehoses.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FramesBenchmark {
    private static final int CLIENTS = 4;

    private final Batches batches = new Batches(100);
    private final Rendering rendering = new Rendering(new Tally(), new Tally());
    private final Forms forms = new Forms(PooledByteBufAllocator.DEFAULT, rendering, new Tally());
    private final Choice everything = new Choice(Selection.ALL, Refinement.NONE);
    private long written;

    /** Without the shared buffer. */
    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public int frames() {
        byte[] batch = batches.next();
        rendering.render(batch, 0, batch.length);
        return rendering.size();
    }

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public long framesShared() {
        byte[] batch = batches.next();
        forms.over(batch, 0, batch.length);
        for (int i = 0; i < CLIENTS; i++) {
            write(forms.cut(Form.V1_FRAMES, everything).bytes().retainedDuplicate());
        }
        forms.close();
        return written;
    }

    private void write(ByteBuf frames) {
        written += frames.readableBytes();
        frames.release();
    }
}
