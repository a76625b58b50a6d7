package io.loggregator.node.tls;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the TLS handshakes on a server's ports that came to nothing, and writes a line about them: for each reason at
 * most one in ten seconds. Safe for use by any thread.
 */
public final class RefusedHandshakes {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedHandshakes.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final Counter counter;
    private final Map<HandshakeRefusal, RateLimitedLog> logs = new EnumMap<>(HandshakeRefusal.class);

    /** Declares the metric. */
    public RefusedHandshakes(Metrics metrics) {
        counter = metrics.counter(
                "tls_refused",
                "TLS handshakes on a port of this server that came to nothing, by reason: "
                        + String.join(", ", HandshakeRefusal.labels()) + ".",
                "port",
                "reason");
        for (HandshakeRefusal refusal : HandshakeRefusal.values()) {
            logs.put(refusal, new RateLimitedLog(LOG, LOG_PERIOD));
        }
    }

    /**
     * Takes note of one.
     *
     * @param port what the port is for, in a word
     * @param peer where the connection came from, or what to call it
     * @param error what the TLS implementation said
     */
    public void refused(String port, Object peer, Throwable error) {
        HandshakeRefusal refusal = HandshakeRefusal.of(error);
        note(port, peer, refusal, refusal.tell(error));
        if (refusal == HandshakeRefusal.OTHER) {
            LOG.debug("TLS handshake on the {} port failed", port, error);
        }
    }

    /** Takes note of one that took too long. */
    public void tooSlow(String port, Object peer) {
        note(port, peer, HandshakeRefusal.SLOW, HandshakeRefusal.SLOW.tell(null));
    }

    /** Takes note of one that was done, but without an application protocol that the port speaks. */
    public void withoutProtocol(String port, Object peer) {
        note(port, peer, HandshakeRefusal.ALPN, HandshakeRefusal.ALPN.tell(null));
    }

    private void note(String port, Object peer, HandshakeRefusal refusal, String what) {
        counter.labelValues(port, refusal.label()).inc();
        if (refusal == HandshakeRefusal.CLOSED) {
            // Health checks by TCP do so all the time.
            LOG.debug("TLS handshake with {} on the {} port: {}", peer, port, what);
        } else {
            logs.get(refusal).warn("TLS handshake with {} on the {} port refused: {}", peer, port, what);
        }
    }
}
