package io.loggregator.benchmarks.reader;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Sent;
import io.loggregator.benchmarks.load.Transport;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** All clients of a run, on one event loop. */
public final class Clients implements AutoCloseable {
    private static final int AT_ONCE = 50;
    private static final long OPEN_SECONDS = 30;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 3;

    private final EventLoopGroup group = Transport.loop();
    private final EventLoop loop = group.next();
    private final Histogram latencies = new Histogram(LONGEST_MICROS, DIGITS);
    private final List<Client> clients = new ArrayList<>();
    private final Endpoints endpoints;
    private Readers present = Readers.NONE;

    /** Where a Traffic Controller listens. Each is asked for when there is a client for it, and waits until it is known. */
    public interface Endpoints {
        /** The Loggregator port. */
        Endpoint v1() throws IOException, InterruptedException;

        /** The port for gRPC v2. */
        Endpoint rlp() throws IOException, InterruptedException;

        /** The name that the server shows there. */
        String rlpName();

        /** The port for {@code /v2/read}. */
        Endpoint gateway() throws IOException, InterruptedException;
    }

    public Clients(Endpoints endpoints) {
        this.endpoints = endpoints;
        latencies.setAutoResize(true);
    }

    /** Opens these and no others. Those that are there already stay; of tails there may be fewer before. */
    public void open(Readers readers) throws IOException, InterruptedException {
        boolean more = readers.tails() > present.tails() && present.equals(Readers.tails(present.tails()));
        if (more && readers.equals(Readers.tails(readers.tails()))) {
            connectTails(present.tails(), readers.tails());
            present = readers;
        } else if (!readers.equals(present)) {
            leave();
            openAll(readers);
        }
    }

    private void openAll(Readers readers) throws IOException, InterruptedException {
        present = readers;
        if (readers.firehoses() > 0) {
            Endpoint v1 = endpoints.v1();
            connect(readers.firehoses(), i -> new WebSocketClient(v1, "/firehose/benchmark-" + i, -1, checker()));
        }
        if (readers.tails() > 0) {
            connectTails(0, readers.tails());
        }
        if (readers.grpc() + readers.grpcDeprecated() > 0) {
            Endpoint rlp = endpoints.rlp();
            String name = endpoints.rlpName();
            connect(readers.grpc(), i -> new GrpcClient(rlp, name, "benchmark-grpc-" + i, true, 0, checker()));
            connect(
                    readers.grpcDeprecated(),
                    i -> new GrpcClient(rlp, name, "benchmark-deprecated-" + i, false, 0, checker()));
        }
        if (readers.sse() > 0) {
            Endpoint gateway = endpoints.gateway();
            connect(readers.sse(), i -> new SseClient(gateway, "benchmark-sse-" + i, checker()));
        }
    }

    private void connectTails(int from, int to) throws IOException, InterruptedException {
        Endpoint v1 = endpoints.v1();
        connect(to - from, i -> {
            int source = from + i;
            return new WebSocketClient(v1, "/apps/" + PreparedBatch.sourceId(source) + "/stream", source, checker());
        });
    }

    private Checker checker() {
        return new Checker(latencies);
    }

    private void connect(int count, IntFunction<Client> make) throws IOException, InterruptedException {
        List<Client> more = IntStream.range(0, count).mapToObj(make).toList();
        clients.addAll(more);
        connect(more, loop);
    }

    /**
     * Has clients connect, a few at a time; returns when all have been accepted.
     *
     * @throws IOException one was not
     */
    public static void connect(List<? extends Client> all, EventLoop loop) throws IOException, InterruptedException {
        for (int i = 0; i < all.size(); i += AT_ONCE) {
            List<? extends Client> opening = all.subList(i, Math.min(all.size(), i + AT_ONCE));
            opening.forEach(client -> client.connect(loop));
            for (Client client : opening) {
                try {
                    client.course().open().get(OPEN_SECONDS, TimeUnit.SECONDS);
                } catch (ExecutionException | TimeoutException e) {
                    throw new IOException("a client cannot connect: " + e.getCause(), e);
                }
            }
        }
    }

    /** All leave. */
    public void leave() throws InterruptedException {
        onLoop(() -> clients.forEach(Client::leave));
        clients.clear();
        present = Readers.NONE;
    }

    /** Forgets everything and expects logs of this phase. */
    public void begin(int phase, int sources) throws InterruptedException {
        onLoop(() -> {
            latencies.reset();
            clients.forEach(client -> client.checker().begin(phase, sources));
        });
    }

    /**
     * Waits until everything has arrived or was announced as lost, or nothing has for a while.
     *
     * @param idleNanos how long a while is
     * @throws IOException a client was closed
     */
    public void awaitArrival(Sent sent, long idleNanos) throws IOException, InterruptedException {
        long expected = 0;
        for (Client client : clients) {
            expected += client.source() < 0 ? sent.envelopes() : sent.perSource()[client.source()];
        }
        long arrived = -1;
        long since = System.nanoTime();
        while (arrived < expected && System.nanoTime() - since < idleNanos) {
            long now = 0;
            for (Client client : clients) {
                if (client.course().ended() != null) {
                    throw new IOException(
                            "a client was cut off: " + client.course().ended());
                }
                now += client.checker().settled();
            }
            if (now != arrived) {
                arrived = now;
                since = System.nanoTime();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** What became of what was sent; all clients together. */
    public Outcome outcome(Sent sent) throws InterruptedException {
        Outcome[] all = {Outcome.NOTHING};
        onLoop(() -> {
            for (Client client : clients) {
                all[0] = all[0].plus(client.checker().outcome(sent.perSource(), client.source()));
            }
        });
        return all[0];
    }

    /** Latencies of all that arrived, in microseconds. */
    public Histogram latencies() throws InterruptedException {
        Histogram[] copy = new Histogram[1];
        onLoop(() -> copy[0] = latencies.copy());
        return copy[0];
    }

    /**
     * {@link System#nanoTime()} of the last arrival.
     *
     * @param otherwise the answer when there was none
     */
    public long lastArrival(long otherwise) throws InterruptedException {
        long[] last = {otherwise};
        onLoop(() -> {
            for (Client client : clients) {
                long nanos = client.checker().lastNanos();
                if (nanos != 0 && nanos - last[0] > 0) {
                    last[0] = nanos;
                }
            }
        });
        return last[0];
    }

    /** Logs of the phase that have arrived, at all clients together, again and again ones too. */
    public long arrivals() {
        return clients.stream().mapToLong(client -> client.checker().arrivals()).sum();
    }

    /** Whether anything of the phase has arrived anywhere. */
    public boolean anyArrived() {
        return clients.stream().anyMatch(client -> client.checker().settled() > 0);
    }

    /**
     * {@link System#nanoTime()} of the first arrival at the first client.
     *
     * @throws IOException there was none
     */
    public long firstArrival() throws IOException, InterruptedException {
        long[] first = new long[1];
        onLoop(() -> first[0] = clients.get(0).checker().firstNanos());
        if (first[0] == 0) {
            throw new IOException("nothing has arrived");
        }
        return first[0];
    }

    private void onLoop(Runnable action) throws InterruptedException {
        loop.submit(action).sync();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
