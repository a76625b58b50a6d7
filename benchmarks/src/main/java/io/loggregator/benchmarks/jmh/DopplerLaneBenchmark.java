package io.loggregator.benchmarks.jmh;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.stream.dispatch.Deliveries;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.Member;
import io.loggregator.stream.dispatch.Outlet;
import io.loggregator.stream.recent.RecentPast;
import io.loggregator.stream.selection.Selection;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
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

/**
 * Everything that the Doppler does with a batch between its gRPC server and its link: the strict walk, the recent past,
 * the log, and handing out to one firehose, whose link takes everything and confirms at once. Its event loop is run by
 * hand.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DopplerLaneBenchmark {
    private static final long MIB = 1 << 20;

    @Param({"100", "1000", "10000"})
    private int sources;

    private final Sink sink = new Sink();
    private final EmbeddedChannel loop = new EmbeddedChannel();
    private Batches batches;
    private DopplerLane lane;
    private Member member;

    /** A link that takes everything. */
    private static final class Sink implements Outlet {
        private long taken;
        private long sequence;

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public void batch(long end, byte[] bytes, int from, int to, Deliveries deliveries, boolean tails) {
            taken += to - from;
            sequence = deliveries.sequence(0);
        }

        @Override
        public void gap(long id, long number, Gap gap, long end) {
            throw new IllegalStateException("nothing can be lost here: " + gap);
        }

        @Override
        public void gap(String source, Gap gap) {
            throw new IllegalStateException("nothing can be lost here: " + gap);
        }
    }

    @Setup
    public void start() {
        batches = new Batches(sources);
        // The default settings of a Doppler with one event loop.
        RecentPast recent = new RecentPast(100, 64 * MIB, Duration.ofMinutes(2), Duration.ofHours(1));
        lane = new DopplerLane(0, loop.eventLoop(), 64 * MIB, recent, true);
        long now = System.currentTimeMillis();
        GroupKey key = new GroupKey("v1", "benchmark", Selection.ALL);
        member = lane.lane().join(lane.lane().open(sink, 30_000, 1_000), 1, key, 4 * MIB, now);
    }

    @Benchmark
    @OperationsPerInvocation(Batches.SIZE)
    public long accept() {
        byte[] batch = batches.next();
        if (lane.accept(batch, 0, batch.length) != 0) {
            throw new IllegalStateException("a batch of the load was refused");
        }
        loop.runPendingTasks();
        lane.lane().confirm(member, sink.sequence);
        return sink.taken;
    }
}
