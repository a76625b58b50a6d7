package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.http2.Http2Limit;
import io.loggregator.node.http2.Http2Limits;
import io.loggregator.streaming.StreamMessage;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A port that clients send HTTP requests to: how many connections it takes, how long and how large a request may be, who
 * is believed about the clients behind it, and who hears of each request. Belongs to one event loop; instances on several
 * share the port.
 */
public final class HttpPort {
    private static final Logger LOG = LoggerFactory.getLogger(HttpPort.class);
    private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

    private final EdgeOptions options;
    private final Kind kind;
    private final Refusals refusals;
    private final Answers answers;
    private final RateLimitedLog limitsLog = new RateLimitedLog(LOG, LOG_PERIOD);
    private HttpServer server;
    private int connections;

    /**
     * Which port it is.
     *
     * @param name as log lines name it
     * @param freePort tells the free ports that instances share from those of other kinds
     */
    public record Kind(String name, int freePort) {
        /** Where v1 clients connect. */
        static final Kind LOGGREGATOR = new Kind("loggregator", 2);
        /** Where SSE clients connect. */
        public static final Kind GATEWAY = new Kind("gateway", 3);
    }

    /** @param options how it serves */
    public HttpPort(EdgeOptions options, Kind kind) {
        this.options = options;
        this.kind = kind;
        refusals = new Refusals(options.refused());
        answers = new Answers(refusals, options.front().proxies());
    }

    /** What answers are written with. */
    public Answers answers() {
        return answers;
    }

    /** Starts to serve; requests whose target or form is broken do not reach the handler. */
    public Future<HttpServer> listen(Vertx vertx, Handler<HttpServerRequest> handler) {
        server = server(vertx)
                .connectionHandler(this::connected)
                .exceptionHandler(this::failed)
                .invalidRequestHandler(new InvalidRequests(answers)::handle)
                .requestHandler(request -> {
                    Channels.remember(request);
                    announce(request);
                    handler.handle(request);
                });
        return server.listen(address());
    }

    private HttpServer server(Vertx vertx) {
        Front front = options.front();
        HttpServerOptions http = limited(options.http());
        if (front.proxyProtocol() == ProxyProtocol.OFF) {
            return vertx.createHttpServer(http);
        }
        return AcceptedFirst.server(
                vertx, http, ProxyHeader.handlers(front, options.limits(), options.connections(), options.refused()));
    }

    /** Tells of a request before it is handled. */
    private void announce(HttpServerRequest request) {
        Front front = options.front();
        Client client = Client.of(request, front.proxies());
        front.requests().accept(client.via(), client.scheme());
        if (front.securityEvents() != null) {
            front.securityEvents()
                    .accept(SecurityEvent.line(
                            request, client, System.currentTimeMillis(), front.address(), server.actualPort()));
        }
    }

    private SocketAddress address() {
        String host = options.http().getHost();
        int port = options.http().getPort();
        return port == 0
                ? SocketAddress.sharedRandomPort(kind.freePort(), host)
                : SocketAddress.inetSocketAddress(port, host);
    }

    /** The port it listens on, once it does. */
    public int port() {
        return server.actualPort();
    }

    /** Closes the listener and idle connections at once, and what is left after the grace. */
    public Future<Void> shutdown(Duration grace) {
        return server.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS);
    }

    private HttpServerOptions limited(HttpServerOptions http) {
        Limits.Sizes sizes = options.limits().sizes();
        Limits.Counts counts = options.limits().counts();
        HttpServerOptions limited = new HttpServerOptions(http)
                .setMaxInitialLineLength(sizes.requestLine())
                .setMaxHeaderSize(sizes.headers())
                .setMaxWebSocketFrameSize(sizes.message())
                .setMaxWebSocketMessageSize(sizes.message())
                .setWebSocketSubProtocols(List.of(StreamMessage.SUBPROTOCOL))
                .setWebSocketClosingTimeout((int) Limits.CLOSING.toSeconds())
                .setHandle100ContinueAutomatically(true)
                // Clients cut the bytes as they come (multipart) or take frames as they are.
                .setCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setHttp2ClearTextEnabled(false)
                // The connection guard waits for requests; a stream may be silent for as long as it likes.
                .setIdleTimeout(0)
                .setReadIdleTimeout(0)
                .setWriteIdleTimeout(0);
        limited.setSslHandshakeTimeout(options.limits().times().handshake().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        limited.setHttp2RstFloodMaxRstFramePerWindow(counts.connectionResets())
                .setHttp2RstFloodWindowDuration((int) Limits.RESETS_WINDOW.toSeconds())
                .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
        limited.getInitialSettings()
                .setMaxConcurrentStreams(counts.connectionStreams())
                .setMaxHeaderListSize(sizes.http2Headers());
        return limited;
    }

    /** Told of what went wrong before there was HTTP. */
    private void failed(Throwable error) {
        if (options.http().isSsl()) {
            options.handshakes().refused(kind.name(), "a client", error);
        }
    }

    private void connected(HttpConnection connection) {
        var channel = Channels.of(connection);
        connections++;
        channel.closeFuture().addListener(closed -> connections--);
        if (connections > options.maxStreams() + options.limits().counts().plainConnections()) {
            refusals.refuse(Refusal.TOO_MANY_CONNECTIONS, connection.remoteAddress(), "connection closed");
            var unused = channel.close();
            return;
        }
        // A proxy's connections are not its own: those that a header tells of are counted by whom it names.
        if (!options.front().proxies().trusts(channel.remoteAddress()) && !admits(channel)) {
            refusals.refuse(Refusal.TOO_MANY_CONNECTIONS_OF_CLIENT, connection.remoteAddress(), "connection closed");
            var unused = channel.close();
            return;
        }
        Http2Limits.watch(
                kind.name(), connection::remoteAddress, channel, limitsLog, limit -> atLimit(limit, connection));
        ConnectionGuard.install(
                channel,
                options.limits().times(),
                reason -> refusals.refuse(reason, connection.remoteAddress(), "a request broke off"),
                options.idle());
    }

    private boolean admits(Channel channel) {
        return !(channel.remoteAddress() instanceof InetSocketAddress peer)
                || Channels.countIn(channel, options.connections(), NetUtil.toAddressString(peer.getAddress()));
    }

    private void atLimit(Http2Limit limit, HttpConnection connection) {
        options.http2().accept(limit);
        if (limit == Http2Limit.HEADERS) {
            refusals.refuse(Refusal.HEADER_TOO_LARGE, connection.remoteAddress(), "431 over HTTP/2");
        }
    }
}
