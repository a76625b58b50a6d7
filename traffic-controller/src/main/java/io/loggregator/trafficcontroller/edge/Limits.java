package io.loggregator.trafficcontroller.edge;

import java.time.Duration;

/** What a request may cost. */
final class Limits {
    /** Of the request line. Holds an id of 10 kB, so that it is refused with a text that names it. */
    static final int REQUEST_LINE_BYTES = 16 * 1024;

    /** Of the gateway's request line: the most selectors that are served, each for a source with a guid, and some room. */
    static final int GATEWAY_REQUEST_LINE_BYTES = 64 * 1024;

    /** Of all header fields together; tokens with many scopes take several kB. */
    static final int HEADER_BYTES = 32 * 1024;

    /** Of a subscription id or app id, decoded. */
    static final int ID_BYTES = 1024;

    /** Of the form of {@code /set-cookie}; the reference server's limit. */
    static final int FORM_BYTES = 4 * 1024;

    /** Of a WebSocket frame from a client. Clients have nothing to say; old ones send short keep-alive texts. */
    static final int CLIENT_FRAME_BYTES = 64 * 1024;

    /** Of connections that are no streams (yet), per instance. */
    static final int PLAIN_CONNECTIONS = 1024;

    /** Open at once on an HTTP/2 connection. */
    static final int HTTP2_STREAMS = 100;

    /**
     * Of HTTP/2 streams that the client of a connection gives up within the window. A proxy of many clients gives up all
     * of its streams when they leave, and again when they have come back.
     */
    static final int HTTP2_RESETS = 10 * HTTP2_STREAMS;

    static final Duration HTTP2_RESETS_WINDOW = Duration.ofSeconds(30);

    /** From the first byte of a connection or of a further request to the end of its headers, as in the reference. */
    static final Duration HEADERS = Duration.ofSeconds(2);

    /** From the end of the headers to the end of the body. */
    static final Duration BODY = Duration.ofSeconds(10);

    /**
     * Without a request on a connection that had one. Longer than the 90 s after which gorouter gives an idle connection
     * up, so that it is never the server that closes under a request.
     */
    static final Duration IDLE = Duration.ofMinutes(2);

    /** From our Close frame to the client's. */
    static final Duration CLOSING = Duration.ofSeconds(2);

    /** From a new connection to the end of the PROXY protocol's header; a packet may have to be sent twice. */
    static final Duration PROXY_HEADER = Duration.ofSeconds(5);

    /** Of what a header of the PROXY protocol, version 2, may hold beside the addresses. */
    static final int PROXY_TLV_BYTES = 4 * 1024;

    private Limits() {}
}
