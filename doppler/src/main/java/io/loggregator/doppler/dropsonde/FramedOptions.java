package io.loggregator.doppler.dropsonde;

import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How to listen for frames.
 *
 * @param protocol {@code tcp} or {@code tls}, for metrics and log lines
 * @param address where; port 0: any free one
 * @param tls server side TLS with client certificates required, or null for plain text
 * @param idle after which a silent connection is closed
 * @param handshake how long a TLS handshake may take
 * @param mostConnections open at a time; more are closed at once
 * @param partialBytes memory for frames that have come in part, beyond the first 4 KiB of each connection
 */
public record FramedOptions(
        String protocol,
        InetSocketAddress address,
        SslContext tls,
        Duration idle,
        Duration handshake,
        int mostConnections,
        long partialBytes) {
    /**
     * Bytes of a frame, without its length: more than the largest datagram that an agent could have taken, with the tags
     * that it adds.
     */
    public static final int LARGEST_FRAME = 128 * 1024;

    /** Silence of a connection, unless something else is said. */
    public static final Duration IDLE = Duration.ofMinutes(5);

    /** Connections, unless something else is said. */
    public static final int MOST_CONNECTIONS = 4096;

    /** Memory for frames that have come in part, unless something else is said. */
    public static final long PARTIAL_BYTES = 16L << 20;
}
