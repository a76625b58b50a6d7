package io.loggregator.node.tls;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the TLS handshakes on a server's ports that came to nothing, and writes a line about them: for each port and
 * reason at most one in ten seconds. Safe for use by any thread.
 */
public final class RefusedHandshakes {
    private static final Logger LOG = LoggerFactory.getLogger(RefusedHandshakes.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final Counter counter;
    private final Map<String, RateLimitedLog> logs = new ConcurrentHashMap<>();

    /** Declares the metric. */
    public RefusedHandshakes(Metrics metrics) {
        counter = metrics.counter(
                "tls_refused",
                "TLS handshakes on a port of this server that came to nothing, by reason: "
                        + String.join(", ", HandshakeRefusal.labels()) + ".",
                "port",
                "reason");
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

    /**
     * Whether the client's certificate has expired meanwhile: in a session that was resumed it is not looked at again.
     * Takes note if so; the connection is to be ended.
     */
    public boolean hasExpired(String port, Object peer, SSLSession session) {
        try {
            RefusedCertificate expired = ClientTrust.untimely((X509Certificate) session.getPeerCertificates()[0]);
            if (expired != null) {
                refused(port, peer, expired);
            }
            return expired != null;
        } catch (SSLPeerUnverifiedException e) {
            return false; // no certificate is asked of clients here
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
            logs.computeIfAbsent(port + ' ' + refusal.label(), kind -> new RateLimitedLog(LOG, LOG_PERIOD))
                    .warn("TLS handshake with {} on the {} port refused: {}", peer, port, what);
        }
    }
}
