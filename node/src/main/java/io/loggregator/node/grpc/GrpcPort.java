package io.loggregator.node.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.http2.Http2Limits;
import io.loggregator.node.tls.RefusedHandshakes;
import io.netty.channel.ServerChannel;
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
 * @param limits of connections and calls
 */
public record GrpcPort(String name, InetSocketAddress address, SslContext tls, GrpcLimits limits) {
    private static final Logger LOG = LoggerFactory.getLogger(GrpcPort.class);

    /** How often a kind of refusal is logged at most. */
    static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    /** The Go peers ping every 10 s, also without a stream; a second of slack, as their timers are not ours. */
    private static final long PINGS_PERMITTED_SECONDS = 9;

    /**
     * What is to be told of the metric that counts connections that came to nothing, by {@code reason}.
     *
     * @param port for example {@code the router port}
     * @param prefix of the settings that move the limits, for example {@code ROUTER}
     */
    public static String connectionsHelp(String port, String prefix) {
        return "Connections to " + port
                + " that came to nothing. reason=handshake: no TLS, or without a certificate we trust,"
                + " or too slow, or no HTTP/2; health checks by TCP count here. reason=no_stream: ended without having"
                + " opened a stream. reason=too_many: closed at once, since " + prefix
                + "_CONNECTIONS were open; reason=too_many_of_client: since its address had " + prefix
                + "_CLIENT_CONNECTIONS.";
    }

    /**
     * What is to be told of the metric that counts where limits of HTTP/2 bite, by {@code limit}.
     *
     * @param port for example {@code the router port}
     * @param prefix of the settings that move the limits, for example {@code ROUTER}
     */
    public static String limitsHelp(String port, String prefix) {
        return "Times that a limit of HTTP/2 bit on a connection to " + port
                + ". limit=headers: a call with headers above " + prefix + "_HEADER_BYTES was refused; limit=streams: "
                + prefix + "_CONNECTION_STREAMS were open, so that further ones wait at the client or are refused;"
                + " limit=pings: the client pinged more often than every 9 s; limit=flood: it reset more than " + prefix
                + "_CONNECTION_RESETS in 30 s, or sent other frames that cost more to read than to send. After the last two"
                + " its connection was closed.";
    }

    /**
     * A server with the limits of the field, to which its services are to be added.
     *
     * @param refusals told of each stream and connection refused, and where limits of HTTP/2 bite
     * @param handshakes told of each TLS handshake that came to nothing
     * @param log for lines about streams
     */
    public NettyServerBuilder server(Loops loops, Refusals refusals, RefusedHandshakes handshakes, RateLimitedLog log) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops.acceptors())
                .workerEventLoopGroup(loops.workers())
                .channelFactory(() -> listener(loops, refusals, handshakes))
                .directExecutor()
                .maxInboundMessageSize(limits.message())
                .maxInboundMetadataSize(limits.headers())
                .maxConcurrentCallsPerConnection(limits.connectionStreams())
                .maxRstFramesPerWindow(limits.connectionResets(), (int) GrpcLimits.RESETS_WINDOW.toSeconds())
                .permitKeepAliveTime(PINGS_PERMITTED_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(limits.pingAfter().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.pingTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
                .addTransportFilter(new RefusedConnections(name, refusals, LOG_PERIOD, tls != null))
                .addStreamTracerFactory(new RefusedStreams(name, refusals, log));
        if (tls != null) {
            builder.sslContext(tls);
        }
        return builder;
    }

    private ServerChannel listener(Loops loops, Refusals refusals, RefusedHandshakes handshakes) {
        RateLimitedLog limitsLog = new RateLimitedLog(LOG, LOG_PERIOD);
        ServerChannel listener = loops.serverChannels().newChannel();
        listener.pipeline().addLast(new ConnectionLimit(name, limits.connections(), refusals));
        return HandshakeObserver.on(
                listener,
                name,
                handshakes,
                limits.handshake(),
                channel -> Http2Limits.watch(name, channel::remoteAddress, channel, limitsLog, refusals::http2));
    }
}
