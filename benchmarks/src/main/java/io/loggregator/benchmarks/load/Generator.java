package io.loggregator.benchmarks.load;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Sends stamped logs to a Doppler over several connections, each source's over one of them. Used by one thread. */
final class Generator implements AutoCloseable {
    private final Shape shape;
    private final List<IngressStream> streams = new ArrayList<>();
    private final Map<Integer, List<SourceRing>> rings = new HashMap<>();

    /** Opens the connections; the streams belong to the calling thread. */
    Generator(Shape shape, Supplier<ManagedChannel> channels) {
        this.shape = shape;
        for (int i = 0; i < shape.connections(); i++) {
            streams.add(new IngressStream(channels.get()));
        }
    }

    /**
     * Waits until all streams take messages.
     *
     * @throws IOException one has ended, or does not in this time
     */
    void awaitOpen(Duration time) throws IOException {
        long until = System.nanoTime() + time.toNanos();
        for (IngressStream stream : streams) {
            if (!stream.awaitReady(until)) {
                throw new IOException("an ingress stream does not open");
            }
        }
    }

    /** Makes the batches of a size, once, so that this is no part of a measurement. */
    List<SourceRing> prepare(int batchSize) {
        return rings.computeIfAbsent(batchSize, size -> {
            List<SourceRing> made = new ArrayList<>();
            for (int i = 0; i < streams.size(); i++) {
                made.add(new SourceRing(i, streams.size(), shape.sources(), shape.payloadBytes(), size));
            }
            return made;
        });
    }

    /**
     * Sends for a while. When it cannot keep up with the rate it sends what it can, and the result tells.
     *
     * @param rate envelopes a second; 0: as fast as the Doppler takes them
     * @throws IOException a stream has ended
     */
    Sent send(int phase, long rate, int batchSize, Duration duration) throws IOException {
        List<SourceRing> batchesOf = prepare(batchSize);
        long[] next = new long[shape.sources()];
        long start = System.nanoTime();
        long end = start + duration.toNanos();
        Schedule schedule = rate == 0 ? null : new Schedule(start, rate, batchSize);
        long heldUp = 0;
        long worstLag = 0;
        long last = start;
        long batches = 0;
        while (true) {
            long due = schedule == null ? System.nanoTime() : schedule.due(batches);
            if (due - end >= 0) {
                break;
            }
            pause(due);
            int turn = (int) (batches % streams.size());
            long before = System.nanoTime();
            if (!streams.get(turn).awaitReady(end)) {
                heldUp += System.nanoTime() - before;
                break;
            }
            last = System.nanoTime();
            heldUp += last - before;
            // A paced batch counts from when it was due, so that the generator's own lateness is not left out.
            long stamped = schedule == null ? last : due;
            worstLag = Math.max(worstLag, last - stamped);
            PreparedBatch batch = batchesOf.get(turn).next();
            batch.stamp(phase, next, stamped);
            streams.get(turn).send(batch.bytes());
            batches++;
        }
        return new Sent(next, batches * batchSize, start, last - start, heldUp, worstLag);
    }

    private static void pause(long due) {
        long left = due - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = due - System.nanoTime();
        }
    }

    @Override
    public void close() {
        for (IngressStream stream : streams) {
            stream.close();
        }
    }
}
