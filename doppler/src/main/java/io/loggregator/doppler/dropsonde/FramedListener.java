package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.tls.RefusedHandshakes;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A TCP or TLS port for v1 envelopes in frames. */
public final class FramedListener {
    private static final Logger LOG = LoggerFactory.getLogger(FramedListener.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final FramedOptions options;
    private final List<DopplerLane> lanes;
    private final ListenerMetrics metrics;
    private final RefusedHandshakes handshakes;
    private final List<V1Intake> intakes;
    private final List<byte[]> scratch;
    private final AtomicInteger connections;
    private final PartialFrames partialFrames;
    private final RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
    private final Set<FramedConnection> open = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;
    private Channel server;

    private FramedListener(
            FramedOptions options, List<DopplerLane> lanes, ListenerMetrics metrics, RefusedHandshakes handshakes) {
        this.options = options;
        this.lanes = List.copyOf(lanes);
        this.metrics = metrics;
        this.handshakes = handshakes;
        intakes = lanes.stream().map(V1Intake::new).toList();
        scratch = lanes.stream()
                .map(lane -> new byte[FramedOptions.LARGEST_FRAME])
                .toList();
        connections = metrics.connections(options.protocol());
        partialFrames = new PartialFrames(options.partialBytes());
        metrics.observe(options.protocol(), partialFrames);
    }

    /**
     * Binds and serves. Blocks; not to be called on an event loop.
     *
     * @param lanes those of the loops
     * @throws IOException the port cannot be bound
     */
    public static FramedListener start(
            FramedOptions options,
            Loops loops,
            List<DopplerLane> lanes,
            ListenerMetrics metrics,
            RefusedHandshakes handshakes)
            throws IOException {
        FramedListener listener = new FramedListener(options, lanes, metrics, handshakes);
        ChannelFuture bound = new ServerBootstrap()
                .group(loops.acceptors(), loops.workers())
                .channelFactory(loops.serverChannels())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(listener.initializer())
                .bind(options.address())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(bound.cause().getMessage(), bound.cause());
        }
        listener.server = bound.channel();
        metrics.observe(
                options.protocol(),
                listener.intakes.stream().map(V1Intake::counters).toList());
        return listener;
    }

    private ChannelInitializer<Channel> initializer() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (connections.incrementAndGet() > options.mostConnections()) {
                    connections.decrementAndGet();
                    cut("too_many");
                    log.warn(
                            "{} from {}: more than {} connections, closed",
                            protocol(),
                            channel.remoteAddress(),
                            options.mostConnections());
                    channel.close();
                    return;
                }
                int lane = currentLane();
                FramedConnection connection =
                        new FramedConnection(FramedListener.this, intakes.get(lane), scratch.get(lane), log);
                if (options.tls() != null) {
                    channel.pipeline().addLast(tls(channel));
                }
                channel.pipeline()
                        .addLast(new IdleStateHandler(options.idle().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
                        .addLast(connection);
                open.add(connection);
                if (stopping) {
                    channel.close(); // it came while the listener was being closed, and nobody else will
                }
            }
        };
    }

    private SslHandler tls(Channel channel) {
        SslHandler handler = options.tls().newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(options.handshake().toMillis());
        handler.handshakeFuture().addListener(handshake -> {
            if (!handshake.isSuccess()) {
                handshakes.refused(protocol(), channel.remoteAddress(), handshake.cause());
            } else if (handshakes.hasExpired(
                    protocol(), channel.remoteAddress(), handler.engine().getSession())) {
                channel.close();
            }
        });
        return handler;
    }

    private int currentLane() {
        for (DopplerLane lane : lanes) {
            if (lane.isCurrent()) {
                return lane.index();
            }
        }
        throw new IllegalStateException("connections must run on the lanes' event loops");
    }

    PartialFrames partialFrames() {
        return partialFrames;
    }

    String protocol() {
        return options.protocol();
    }

    void cut(String reason) {
        metrics.cut(options.protocol(), reason);
    }

    void closed(FramedConnection connection) {
        if (open.remove(connection)) {
            connections.decrementAndGet();
        }
    }

    /** The port that was bound. */
    public int port() {
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    /**
     * Takes no new connections and closes those that are open, in a lull if there is one within the patience; from any
     * thread.
     */
    public CompletableFuture<Void> stop(Duration patience) {
        stopping = true;
        CompletableFuture<Void> refusing = new CompletableFuture<>();
        server.close().addListener(closed -> refusing.complete(null));
        return refusing.thenCompose(closed -> {
            List<CompletableFuture<Void>> ending = new ArrayList<>();
            open.forEach(connection -> ending.add(connection.end(patience)));
            return CompletableFuture.allOf(ending.toArray(CompletableFuture<?>[]::new));
        });
    }
}
