package io.loggregator.trafficcontroller.rlp;

import io.grpc.Server;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.grpc.Loops;
import io.loggregator.node.tls.RefusedHandshakes;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server of the RLP port. */
public final class EgressServer {
    /** What a request may have, as gRPC's own limit is. */
    public static final int LARGEST_REQUEST = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(EgressServer.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);
    /** How long connections may take to end when their streams have. */
    private static final long TERMINATION_MILLIS = 500;

    private final Server server;

    private EgressServer(Server server) {
        this.server = server;
    }

    /**
     * Binds and serves.
     *
     * @param loops what the calls of each event loop read from; no other loops are used
     * @param mostStreams calls that may be open
     * @param times what readers have; none is pinged here but by HTTP/2
     * @throws IOException the port cannot be bound
     */
    public static EgressServer start(
            GrpcPort port,
            Vertx vertx,
            List<LoopReadings> loops,
            int mostStreams,
            ClientTimes times,
            EgressCounters counters,
            RefusedHandshakes handshakes)
            throws IOException {
        EgressService service = new EgressService(loops, mostStreams, times, counters);
        Loops own = new Loops(vertx, loops.stream().map(LoopReadings::loop).toList());
        return new EgressServer(port.server(own, counters, handshakes, new RateLimitedLog(LOG, LOG_PERIOD))
                .addStreamTracerFactory(new Cutter())
                .addService(service.definition())
                .build()
                .start());
    }

    /** The port that was bound. */
    public int port() {
        return server.getPort();
    }

    /** Takes no new streams and connections; those that are open go on. */
    public void stopAccepting() {
        server.shutdown();
    }

    /** Ends what is still open. Blocks for half a second at most; not to be called on an event loop. */
    public void stop() {
        server.shutdown();
        try {
            server.awaitTermination(TERMINATION_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.shutdownNow();
    }
}
