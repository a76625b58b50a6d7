package io.loggregator.doppler;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.loggregator.doppler.egress.EgressService;
import io.loggregator.doppler.ingress.ConnectionAge;
import io.loggregator.doppler.ingress.IngressService;
import io.loggregator.doppler.ingress.PartialMessages;
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

/** The gRPC server of the router port: ingress for agents, egress for readers of the Go release. */
public final class RouterServer {
    /** As the Go release: larger messages are refused with RESOURCE_EXHAUSTED. */
    public static final int LARGEST_MESSAGE = 10 * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(RouterServer.class);
    /** Agents are told to connect anew at this part of the age, so before streams end, with gRPC's tenth of jitter. */
    private static final double GO_AWAY = 0.7;

    /** How long connections may take to end when their streams have. */
    private static final long TERMINATION_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    /**
     * What agents' connections may take.
     *
     * @param maxAge at which a connection has been ended, in a lull; zero: never
     * @param partialBytes memory for large messages that have come in part, all streams together
     */
    public record Limits(Duration maxAge, long partialBytes) {}

    private final Server server;
    private final IngressService ingress;
    private final EgressService egress;

    private RouterServer(Server server, IngressService ingress, EgressService egress) {
        this.server = server;
        this.ingress = ingress;
        this.egress = egress;
    }

    /**
     * Binds and serves.
     *
     * @param limits of connections and messages
     * @param v1 where v1 envelopes go, one for each lane
     * @param readers what readers may have
     * @param refusals told of each stream and connection refused
     * @param handshakes told of each TLS handshake that came to nothing
     * @throws IOException the port cannot be bound
     */
    public static RouterServer start(
            GrpcPort port,
            Limits limits,
            Loops loops,
            List<DopplerLane> lanes,
            List<V1Intake> v1,
            EgressService.Options readers,
            Refusals refusals,
            RefusedHandshakes handshakes)
            throws IOException {
        RateLimitedLog log = new RateLimitedLog(LOG, LOG_PERIOD);
        IngressService ingress = new IngressService(lanes, v1, log);
        EgressService egress = new EgressService(lanes, readers);
        NettyServerBuilder builder = port.server(loops, refusals, handshakes, log)
                .addService(ingress.definition())
                .addService(ingress.pusher());
        for (ServerServiceDefinition service : egress.definitions()) {
            builder.addService(service);
        }
        builder.addStreamTracerFactory(new PartialMessages(limits.partialBytes()));
        Duration maxAge = limits.maxAge();
        if (!maxAge.isZero()) {
            // Without a grace period, as at its end gRPC would break streams off; they end by themselves.
            builder.maxConnectionAge((long) (GO_AWAY * maxAge.toNanos()), TimeUnit.NANOSECONDS)
                    .addTransportFilter(new ConnectionAge(maxAge));
        }
        return new RouterServer(builder.build().start(), ingress, egress);
    }

    /** The port that was bound. */
    public int port() {
        return server.getPort();
    }

    /** What readers get. */
    EgressService egress() {
        return egress;
    }

    /**
     * Takes no new streams and connections, tells clients to go elsewhere, and ends agents' streams: in a lull if there is
     * one within half of the limit. Readers' streams go on. Blocks, at most for the limit; not to be called on an event
     * loop.
     */
    public void stopIngress(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        server.shutdown();
        try {
            do {
                // Again for streams that were opened before their agents had been told.
                ingress.end(limit.dividedBy(2)).get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            } while (ingress.hasOpen());
            ingress.refuse();
            ingress.end(Duration.ZERO).get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all ingress streams could be told that this Doppler stops", e);
        }
        ingress.refuse();
    }

    /**
     * Ends readers' streams, each when it has been written what was under way to it, and then all connections. Blocks, at
     * most for the limit and a second; not to be called on an event loop.
     */
    public void stop(Duration limit) {
        server.shutdown();
        try {
            egress.end().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            server.awaitTermination(TERMINATION_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("not all readers took what was under way to them", e);
        }
        server.shutdownNow();
        try {
            // What is left is broken off, which takes the loops that their owner is about to stop.
            server.awaitTermination(TERMINATION_NANOS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
