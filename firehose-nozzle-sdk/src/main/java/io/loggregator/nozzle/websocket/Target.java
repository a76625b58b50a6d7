package io.loggregator.nozzle.websocket;

import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;

/**
 * What to connect to, and how.
 *
 * @param host name or address, IPv6 in brackets as in a URI
 * @param port 1 to 65535
 * @param tls null: plain text
 * @param proxy an HTTP proxy that takes CONNECT; null: none
 * @param proxyAuthorization what the proxy is told in {@code Proxy-Authorization}; null: nothing
 * @param path path and query, encoded
 * @param authorization the header's value; null: none
 * @param subprotocol what to offer of a WebSocket; null: server-sent events are wanted
 * @param lastEventId where events go on behind; empty: anew
 * @param timeoutMillis how long each step may take until the stream is open; 1 and more
 * @param silenceMillis for how long the server may be silent then; 1 and more
 * @param largestMessage in bytes
 */
public record Target(
        String host,
        int port,
        SSLContext tls,
        InetSocketAddress proxy,
        String proxyAuthorization,
        String path,
        String authorization,
        String subprotocol,
        String lastEventId,
        int timeoutMillis,
        int silenceMillis,
        int largestMessage) {
    /** Whether server-sent events are wanted, and no WebSocket. */
    public boolean events() {
        return subprotocol == null;
    }

    /** For people; without the token. */
    @Override
    public String toString() {
        return (events() ? "http" : "ws") + (tls == null ? "://" : "s://") + host + ":" + port + path;
    }
}
