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
 * @param path path and query, encoded
 * @param authorization the header's value; null: none
 * @param subprotocol what to offer
 * @param timeoutMillis how long each step may take until the WebSocket is open; 1 and more
 * @param silenceMillis for how long the server may be silent then; 1 and more
 * @param largestMessage in bytes
 */
public record Target(
        String host,
        int port,
        SSLContext tls,
        InetSocketAddress proxy,
        String path,
        String authorization,
        String subprotocol,
        int timeoutMillis,
        int silenceMillis,
        int largestMessage) {
    /** For people; without the token. */
    @Override
    public String toString() {
        return (tls == null ? "ws://" : "wss://") + host + ":" + port + path;
    }
}
