package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.Target;
import io.loggregator.streaming.StreamMessage;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a connection asks the server for: a WebSocket, or the gateway's events where the endpoint is HTTP's. */
final class Request {
    private Request() {}

    /**
     * @param token null: none
     * @param resume where an app's stream goes on; empty: at what is new
     */
    static Target of(Options options, String token, String resume) {
        String scheme = options.endpoint().getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals("wss") || scheme.equals("https");
        boolean events = scheme.startsWith("http");
        int port = options.endpoint().getPort();
        String prefix = options.endpoint().getRawPath();
        return new Target(
                options.endpoint().getHost(),
                port > 0 ? port : secure ? 443 : 80,
                secure ? options.tls().context() : null,
                options.proxy(),
                options.proxyAuthorization(),
                (prefix == null ? "" : prefix.replaceAll("/+$", ""))
                        + (events ? "/v2/read?" + ReadQuery.of(options) : webSocketPath(options)),
                token == null ? null : "bearer " + token,
                events ? null : StreamMessage.SUBPROTOCOL,
                events ? resume : "",
                (int) options.connectTimeout().toMillis(),
                (int) options.keepAlive().toMillis(),
                Connection.LARGEST_MESSAGE);
    }

    private static String webSocketPath(Options options) {
        String path = options.firehose().isPresent()
                ? "/firehose/" + encoded(options.firehose().get())
                : "/apps/" + encoded(options.app().orElseThrow()) + "/stream";
        return path
                + options.filter()
                        .map(filter -> "?filter-type=" + filter.type())
                        .orElse("");
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
