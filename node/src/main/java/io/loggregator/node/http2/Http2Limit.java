package io.loggregator.node.http2;

import java.util.Locale;

/** What a client of HTTP/2 had too much of. In lower case, the names are what counters are told. */
public enum Http2Limit {
    /** As many streams are open on its connection as may be: the next one waits at the client, or is refused. */
    STREAMS,
    /** Headers; the request is refused, or where they do not even end, the connection. */
    HEADERS,
    /** Pings; the connection is closed. */
    PINGS,
    /** Frames that cost more to read than to send, such as resets or empty ones; the connection is closed. */
    FLOOD;

    /** What counters are told. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
