package io.loggregator.node.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.loggregator.node.RateLimitedLog;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs connections that end before they have opened a stream. */
final class RefusedConnections extends ServerTransportFilter {
    private static final Attributes.Key<AtomicBoolean> OPENED = Attributes.Key.create("stream opened");

    private static final Logger LOG = LoggerFactory.getLogger(RefusedConnections.class);

    private final String port;
    private final Refusals refusals;
    private final RateLimitedLog log;
    private final boolean tls;

    /** @param tls whether {@link HandshakeObserver} writes the lines about handshakes */
    RefusedConnections(String port, Refusals refusals, Duration logPeriod, boolean tls) {
        this.port = port;
        this.refusals = refusals;
        this.tls = tls;
        this.log = new RateLimitedLog(LOG, logPeriod);
    }

    /** Notes a stream of the connection that these attributes belong to. */
    static void streamOpened(Attributes connection) {
        AtomicBoolean opened = connection.get(OPENED);
        if (opened != null) {
            opened.set(true);
        }
    }

    @Override
    public Attributes transportReady(Attributes connection) {
        return connection.toBuilder().set(OPENED, new AtomicBoolean()).build();
    }

    /** @param connection null if it never became ready */
    @Override
    public void transportTerminated(Attributes connection) {
        if (connection == null) {
            refusals.connection("handshake");
            if (!tls) {
                log.warn(
                        "a connection to {} ended before its handshake was done: no HTTP/2, or TLS to plain text",
                        port);
            }
        } else if (!connection.get(OPENED).get()) {
            refusals.connection("no_stream");
            // Health checks do so all the time.
            LOG.debug(
                    "connection to {} from {} ended without a stream",
                    port,
                    connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        }
    }
}
