package io.loggregator.trafficcontroller.edge;

import io.loggregator.trafficcontroller.refinement.FilterLimits;
import java.time.Duration;

/**
 * What the connections and requests of one {@link HttpPort} may cost.
 *
 * @param times how long a client may take
 * @param sizes how much it may send
 * @param counts how much may be open
 * @param filters what the filters of a stream may cost
 */
public record Limits(Times times, Sizes sizes, Counts counts, FilterLimits filters) {
    /**
     * How long a client may take.
     *
     * @param handshake for the TLS handshake
     * @param proxyHeader from a new connection to the end of the PROXY protocol's header
     * @param headers from the first byte of a connection or of a further request to the end of its headers
     * @param body from the end of the headers to the end of the body
     * @param idle without a request on a connection that had one
     */
    public record Times(Duration handshake, Duration proxyHeader, Duration headers, Duration body, Duration idle) {}

    /**
     * How many bytes a client may send.
     *
     * @param proxyHeader of what a header of the PROXY protocol, version 2, holds beside the addresses
     * @param requestLine of the request line
     * @param headers of all header fields together
     * @param message of a WebSocket message; clients have little to say, old ones send short keep-alive texts
     * @param id of a subscription id or app id, decoded
     */
    public record Sizes(int proxyHeader, int requestLine, int headers, int message, int id) {
        /** Of the headers over HTTP/2, where the request line is a header like others; a short one needs no room of its own. */
        long http2Headers() {
            return headers + Math.max(0L, requestLine - SHORT_REQUEST_LINE);
        }
    }

    /**
     * How much may be open on an instance of the port.
     *
     * @param plainConnections connections that are no streams (yet)
     * @param connectionStreams streams on an HTTP/2 connection
     * @param connectionResets streams that the client of an HTTP/2 connection gives up within {@link #RESETS_WINDOW}
     */
    public record Counts(int plainConnections, int connectionStreams, int connectionResets) {}

    /** Holds an id of 10 kB, so that it is refused with a text that names it. */
    private static final int SHORT_REQUEST_LINE = 16 * 1024;

    /** Of the form of {@code /set-cookie}; the reference server's limit. */
    static final int FORM_BYTES = 4 * 1024;

    static final Duration RESETS_WINDOW = Duration.ofSeconds(30);

    /** From our Close frame to the client's. */
    static final Duration CLOSING = Duration.ofSeconds(2);

    private static final int CONNECTION_STREAMS = 100;

    /** The limits of a Loggregator port that is told nothing else. */
    public static final Limits LOGGREGATOR = new Limits(
            new Times(
                    Duration.ofSeconds(10),
                    // A packet may have to be sent twice.
                    Duration.ofSeconds(5),
                    // As in the reference.
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10),
                    // Longer than the 90 s after which gorouter gives an idle connection up, so that it is never the
                    // server that closes under a request.
                    Duration.ofMinutes(2)),
            // Tokens with many scopes take several kB of the headers.
            new Sizes(4 * 1024, SHORT_REQUEST_LINE, 32 * 1024, 64 * 1024, 1024),
            // A proxy of many clients gives up all of its streams when they leave, and again when they have come back.
            new Counts(1024, CONNECTION_STREAMS, 10 * CONNECTION_STREAMS),
            FilterLimits.USUAL);

    /** Those of a gateway port: its request line holds the most selectors that are served, each for a source with a guid. */
    public static final Limits GATEWAY = new Limits(
            LOGGREGATOR.times,
            new Sizes(
                    LOGGREGATOR.sizes.proxyHeader,
                    64 * 1024,
                    LOGGREGATOR.sizes.headers,
                    LOGGREGATOR.sizes.message,
                    LOGGREGATOR.sizes.id),
            LOGGREGATOR.counts,
            LOGGREGATOR.filters);
}
