package io.loggregator.doppler.ingress;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.grpc.Refusals;
import io.loggregator.node.tls.RefusedHandshakes;
import java.io.IOException;
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
     * @param maxAge at which a connection has been ended, in a lull; zero: never
     * @param v1 where v1 envelopes go, one for each lane
     * @param refusals told of each stream and connection refused
     * @param handshakes told of each TLS handshake that came to nothing
     * @throws IOException the port cannot be bound
     */
    public static IngressServer start(
            GrpcPort port,
            Duration maxAge,
            Loops loops,
            List<DopplerLane> lanes,
            List<V1Intake> v1,
            Refusals refusals,
            RefusedHandshakes handshakes)
            throws IOException {
        RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
        IngressService service = new IngressService(lanes, v1, log);
        NettyServerBuilder builder = port.server(loops, refusals, handshakes, log)
                .addService(service.definition())
                .addService(service.pusher());
        if (!maxAge.isZero()) {
            // Without a grace period, as at its end gRPC would break streams off; they end by themselves.
            builder.maxConnectionAge((long) (GO_AWAY * maxAge.toNanos()), TimeUnit.NANOSECONDS)
                    .addTransportFilter(new ConnectionAge(maxAge));
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
