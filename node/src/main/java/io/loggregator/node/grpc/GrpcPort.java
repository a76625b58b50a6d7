package io.loggregator.node.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.tls.RefusedHandshakes;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that serves gRPC on the event loops of its process: calls run on the loop of their connection.
 *
 * @param name names the port in log lines and metrics, for example {@code ingress}
 * @param address where it listens
 * @param tls server side TLS with client certificates required, or null for plain text
 * @param largestMessage bytes; a larger one ends its stream with RESOURCE_EXHAUSTED
 * @param handshake how long a connection has to become one
 */
public record GrpcPort(String name, InetSocketAddress address, SslContext tls, int largestMessage, Duration handshake) {
    /** How long a connection has to become one, unless something else is said. */
    public static final Duration HANDSHAKE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(GrpcPort.class);

    /** How often a kind of refusal is logged at most. */
    static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private static final int LARGEST_HEADERS = 16 * 1024;
    private static final int STREAMS_A_CONNECTION = 1000;
    /** The Go peers ping every 10 s, also without a stream; a second of slack, as their timers are not ours. */
    private static final long PINGS_PERMITTED_SECONDS = 9;

    private static final long PING_AFTER_SECONDS = 30;
    private static final long PING_TIMEOUT_SECONDS = 20;

    /**
     * A server with the limits of the field, to which its services are to be added.
     *
     * @param refusals told of each stream and connection refused, and where limits of HTTP/2 bite
     * @param handshakes told of each TLS handshake that came to nothing
     * @param log for lines about streams
     */
    public NettyServerBuilder server(Loops loops, Refusals refusals, RefusedHandshakes handshakes, RateLimitedLog log) {
        RateLimitedLog limitsLog = new RateLimitedLog(LOG, LOG_PERIOD);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops.acceptors())
                .workerEventLoopGroup(loops.workers())
                .channelFactory(() -> HandshakeObserver.on(
                        loops.serverChannels().newChannel(),
                        name,
                        handshakes,
                        handshake,
                        channel -> Http2Limits.watch(name, channel, refusals, limitsLog)))
                .directExecutor()
                .maxInboundMessageSize(largestMessage)
                .maxInboundMetadataSize(LARGEST_HEADERS)
                .maxConcurrentCallsPerConnection(STREAMS_A_CONNECTION)
                .permitKeepAliveTime(PINGS_PERMITTED_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(PING_AFTER_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .handshakeTimeout(handshake.toMillis(), TimeUnit.MILLISECONDS)
                .addTransportFilter(new RefusedConnections(name, refusals, LOG_PERIOD, tls != null))
                .addStreamTracerFactory(new RefusedStreams(name, refusals, log));
        if (tls != null) {
            builder.sslContext(tls);
        }
        return builder;
    }
}
