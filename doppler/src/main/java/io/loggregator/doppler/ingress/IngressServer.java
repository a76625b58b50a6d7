package io.loggregator.doppler.ingress;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.Loops;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.tls.RefusedHandshakes;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server of the router port. */
public final class IngressServer {
    /** As the Go release: larger messages are refused with RESOURCE_EXHAUSTED. */
    public static final int LARGEST_MESSAGE = 10 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(IngressServer.class);
    private static final int LARGEST_HEADERS = 16 * 1024;
    private static final int STREAMS_A_CONNECTION = 1000;
    /** Agents ping every 10 s, also without a stream; a second of slack, as their timers are not ours. */
    private static final long PINGS_PERMITTED_SECONDS = 9;

    private static final long PING_AFTER_SECONDS = 30;
    private static final long PING_TIMEOUT_SECONDS = 20;
    private static final Duration HANDSHAKE = Duration.ofSeconds(10);
    /** Agents are told to connect anew at this part of the age, so before streams end, with gRPC's tenth of jitter. */
    private static final double GO_AWAY = 0.7;

    /** How long connections may take to end when their streams have. */
    private static final long TERMINATION_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final Server server;
    private final IngressService service;

    private IngressServer(Server server, IngressService service) {
        this.server = server;
        this.service = service;
    }

    /**
     * Binds and serves.
     *
     * @param tls server side TLS with client certificates required, or null for plain text
     * @param maxAge at which a connection has been ended, in a lull; zero: never
     * @param refusals told of each stream and connection refused
     * @param handshakes told of each TLS handshake that came to nothing
     * @throws IOException the port cannot be bound
     */
    public static IngressServer start(
            InetSocketAddress address,
            SslContext tls,
            Duration maxAge,
            Loops loops,
            List<DopplerLane> lanes,
            Refusals refusals,
            RefusedHandshakes handshakes)
            throws IOException {
        return start(address, tls, maxAge, loops, lanes, refusals, handshakes, HANDSHAKE);
    }

    static IngressServer start(
            InetSocketAddress address,
            SslContext tls,
            Duration maxAge,
            Loops loops,
            List<DopplerLane> lanes,
            Refusals refusals,
            RefusedHandshakes handshakes,
            Duration handshake)
            throws IOException {
        RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
        IngressService service = new IngressService(lanes, log);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops.acceptors())
                .workerEventLoopGroup(loops.workers())
                .channelFactory(
                        () -> HandshakeObserver.on(loops.serverChannels().newChannel(), handshakes, handshake))
                .directExecutor()
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .maxInboundMetadataSize(LARGEST_HEADERS)
                .maxConcurrentCallsPerConnection(STREAMS_A_CONNECTION)
                .permitKeepAliveTime(PINGS_PERMITTED_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(PING_AFTER_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .handshakeTimeout(handshake.toMillis(), TimeUnit.MILLISECONDS)
                .addTransportFilter(new RefusedConnections(refusals, LOG_PERIOD, tls != null))
                .addStreamTracerFactory(new RefusedStreams(refusals, log))
                .addService(service.definition());
        if (!maxAge.isZero()) {
            // Without a grace period, as at its end gRPC would break streams off; they end by themselves.
            builder.maxConnectionAge((long) (GO_AWAY * maxAge.toNanos()), TimeUnit.NANOSECONDS)
                    .addTransportFilter(new ConnectionAge(maxAge));
        }
        if (tls != null) {
            builder.sslContext(tls);
        }
        return new IngressServer(builder.build().start(), service);
    }

    /** The port that was bound. */
    public int port() {
        return server.getPort();
    }

    /**
     * Takes no new streams and connections, tells agents to go elsewhere, and ends the streams that are open: in a lull if
     * there is one within half of the limit. Blocks, at most for the limit; not to be called on an event loop.
     */
    public void stop(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        server.shutdown();
        try {
            do {
                // Again for streams that were opened before their agents had been told.
                service.end(limit.dividedBy(2)).get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } while (service.hasOpen());
            server.awaitTermination(Math.min(TERMINATION_NANOS, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all ingress streams could be told that this Doppler stops", e);
        }
        server.shutdownNow();
    }
}
