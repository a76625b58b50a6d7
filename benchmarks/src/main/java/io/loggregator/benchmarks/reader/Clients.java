package io.loggregator.benchmarks.reader;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.load.Sent;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** All clients of a run, on one event loop. */
public final class Clients implements AutoCloseable {
    private static final int AT_ONCE = 50;
    private static final long OPEN_SECONDS = 30;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 3;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final Histogram latencies = new Histogram(LONGEST_MICROS, DIGITS);
    private final List<Client> clients = new ArrayList<>();
    private final InetSocketAddress server;
    private final SslContext tls;

    /** @param server the Loggregator port of a Traffic Controller */
    public Clients(InetSocketAddress server, SslContext tls) {
        this.server = server;
        this.tls = tls;
        latencies.setAutoResize(true);
    }

    /** Opens firehoses, each with a subscription of its own. */
    public void openFirehoses(int count) throws IOException, InterruptedException {
        List<Client> opening = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            opening.add(client("/firehose/benchmark-" + i, -1));
        }
        open(opening);
    }

    /** Opens an app stream for each of the first sources. */
    public void openTails(int count) throws IOException, InterruptedException {
        for (int i = 0; i < count; i += AT_ONCE) {
            List<Client> opening = new ArrayList<>();
            for (int k = i; k < Math.min(count, i + AT_ONCE); k++) {
                opening.add(client("/apps/" + PreparedBatch.sourceId(k) + "/stream", k));
            }
            open(opening);
        }
    }

    private Client client(String path, int source) {
        String authority = server.getHostString() + ":" + server.getPort();
        return new Client(authority, path, source, new Checker(latencies));
    }

    private void open(List<Client> opening) throws IOException, InterruptedException {
        for (Client client : opening) {
            clients.add(client);
            new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()), client);
                        }
                    })
                    .connect(server)
                    .addListener(done -> {
                        if (!done.isSuccess()) {
                            client.open().completeExceptionally(done.cause());
                        }
                    });
        }
        for (Client client : opening) {
            try {
                client.open().get(OPEN_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException("a client cannot connect to " + server, e);
            }
        }
    }

    /** Forgets everything and expects logs of this phase. */
    public void begin(int phase, int sources) throws InterruptedException {
        onLoop(() -> {
            latencies.reset();
            clients.forEach(client -> client.checker().begin(phase, sources));
        });
    }

    /**
     * Waits until everything has arrived, or nothing has for a while.
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
                if (client.ended() != null) {
                    throw new IOException("a client was cut off: " + client.ended());
                }
                now += client.checker().arrived();
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
        Outcome[] all = {new Outcome(0, 0, 0, 0, 0, 0)};
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

    /** {@link System#nanoTime()} of the last arrival. */
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

    private void onLoop(Runnable action) throws InterruptedException {
        loop.submit(action).sync();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
