package io.loggregator.doppler.ingress;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.Loops;
import io.loggregator.node.RateLimitedLog;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    private static final long HANDSHAKE_SECONDS = 10;
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final Server server;

    private IngressServer(Server server) {
        this.server = server;
    }

    /**
     * Binds and serves.
     *
     * @param tls server side TLS with client certificates required, or null for plain text
     * @param refused told of each stream that ended with an error of ours, with the status code's name
     * @throws IOException the port cannot be bound
     */
    public static IngressServer start(
            InetSocketAddress address, SslContext tls, Loops loops, List<DopplerLane> lanes, Consumer<String> refused)
            throws IOException {
        RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                .bossEventLoopGroup(loops.acceptors())
                .workerEventLoopGroup(loops.workers())
                .channelFactory(loops.serverChannels())
                .directExecutor()
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .maxInboundMetadataSize(LARGEST_HEADERS)
                .maxConcurrentCallsPerConnection(STREAMS_A_CONNECTION)
                .permitKeepAliveTime(PINGS_PERMITTED_SECONDS, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(PING_AFTER_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                .addStreamTracerFactory(new Refusals(refused, log))
                .addService(new IngressService(lanes, log).definition());
        if (tls != null) {
            builder.sslContext(tls);
        }
        return new IngressServer(builder.build().start());
    }

    /** The port that was bound. */
    public int port() {
        return server.getPort();
    }

    /** Takes no new streams; those that are open go on. */
    public void stopAccepting() {
        server.shutdown();
    }

    /** Ends what is still open. */
    public void stop() {
        server.shutdownNow();
    }

    /** Counts and logs streams that we, or the limits, ended: oversize, too many, not implemented. */
    private static final class Refusals extends ServerStreamTracer.Factory {
        private final Consumer<String> refused;
        private final RateLimitedLog log;

        Refusals(Consumer<String> refused, RateLimitedLog log) {
            this.refused = refused;
            this.log = log;
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new ServerStreamTracer() {
                @Override
                public void streamClosed(Status status) {
                    if (!status.isOk() && status.getCode() != Status.Code.CANCELLED) {
                        refused.accept(status.getCode().name());
                        log.warn("ingress stream {} ended: {} {}", method, status.getCode(), status.getDescription());
                    }
                }
            };
        }
    }
}
