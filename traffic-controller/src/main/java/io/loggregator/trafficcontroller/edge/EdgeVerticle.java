package io.loggregator.trafficcontroller.edge;

import io.loggregator.streaming.StreamMessage;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Serves the Loggregator port. Deploy one instance per event loop; all share the port. What it serves and answers is
 * described in {@code docs/protocols.md}.
 *
 * <p>An instance belongs to the event loop it is deployed on, and so do its connections: {@link Pipeline}, {@link
 * AcknowledgedStreams} and {@link AccessControl} are called there, and sockets stay there.
 */
public final class EdgeVerticle extends VerticleBase {
    private static final String TARGET = "target";
    /** Names the free port that all instances share. */
    private static final int FREE_PORT = 2;

    private final EdgeOptions options;
    private final Refusals refusals;
    private final Answers answers;
    private final Pipeline pipeline;
    private final AcknowledgedStreams acknowledged;
    private final AccessControl accessControl;
    private final Gate gate;
    private final Dumps dumps;
    private final SetCookie setCookie;
    private HttpServer server;
    private int connections;

    public EdgeVerticle(
            EdgeOptions options, Pipeline pipeline, AcknowledgedStreams acknowledged, AccessControl accessControl) {
        this.options = options;
        refusals = new Refusals(options.refused());
        answers = new Answers(refusals, options.front().proxies());
        this.pipeline = pipeline;
        this.acknowledged = acknowledged;
        this.accessControl = accessControl;
        gate = new Gate(accessControl, answers);
        dumps = new Dumps(pipeline, gate, answers);
        setCookie = new SetCookie(options.systemDomain(), answers);
    }

    @Override
    public Future<?> start() {
        Router router = router();
        server = server().connectionHandler(this::connected)
                .exceptionHandler(this::failed)
                .invalidRequestHandler(new InvalidRequests(answers)::handle)
                .requestHandler(request -> {
                    Channels.remember(request);
                    announce(request);
                    router.handle(request);
                });
        return server.listen(address());
    }

    private HttpServer server() {
        Front front = options.front();
        HttpServerOptions http = limited(options.http());
        if (front.proxyProtocol() == ProxyProtocol.OFF) {
            return vertx.createHttpServer(http);
        }
        return AcceptedFirst.server(vertx, http, ProxyHeader.handlers(front, options.refused()));
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
                ? SocketAddress.sharedRandomPort(FREE_PORT, host)
                : SocketAddress.inetSocketAddress(port, host);
    }

    /** The port it listens on. Known once it is deployed. */
    public int port() {
        return server.actualPort();
    }

    /**
     * Closes the listener and idle connections at once; then waits until answers under way are written and the owner of
     * the pipeline has closed the streams, at most {@link EdgeOptions#stopGrace()}. What is left is closed: streams with
     * 1000, within two seconds.
     */
    @Override
    public Future<?> stop() {
        return server.shutdown(options.stopGrace().toMillis(), TimeUnit.MILLISECONDS);
    }

    private static HttpServerOptions limited(HttpServerOptions http) {
        HttpServerOptions limited = new HttpServerOptions(http)
                .setMaxInitialLineLength(Limits.REQUEST_LINE_BYTES)
                .setMaxHeaderSize(Limits.HEADER_BYTES)
                .setMaxWebSocketFrameSize(Limits.CLIENT_FRAME_BYTES)
                .setMaxWebSocketMessageSize(Limits.CLIENT_FRAME_BYTES)
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
        limited.getInitialSettings().setMaxHeaderListSize(Limits.HEADER_BYTES);
        return limited;
    }

    /** Told of what went wrong before there was HTTP. */
    private void failed(Throwable error) {
        if (options.http().isSsl()) {
            options.handshakes().refused("loggregator", "a client", error);
        }
    }

    private void connected(HttpConnection connection) {
        var channel = Channels.of(connection);
        connections++;
        channel.closeFuture().addListener(closed -> connections--);
        if (connections > options.maxStreams() + Limits.PLAIN_CONNECTIONS) {
            refusals.refuse(Refusal.TOO_MANY_CONNECTIONS, connection.remoteAddress(), "connection closed");
            var unused = channel.close();
            return;
        }
        ConnectionGuard.install(
                channel, reason -> refusals.refuse(reason, connection.remoteAddress(), "a request broke off"));
    }

    private Router router() {
        Recheck recheck = new Recheck(vertx, accessControl, options.recheck(), answers);
        Streams streams = new Streams(
                pipeline,
                acknowledged,
                gate,
                answers,
                recheck,
                options.maxStreams(),
                options.front().proxies());
        Router router = Router.router(vertx);
        router.route().handler(this::locate);
        router.route("/firehose/:id").handler(to(streams::firehose));
        router.route("/apps/:id/stream").handler(to(streams::app));
        router.route("/apps/:id/recentlogs").handler(to(dumps::recentLogs));
        router.route("/apps/:id/containermetrics").handler(to(dumps::containerMetrics));
        router.route("/set-cookie").handler(to(setCookie::handle));
        router.errorHandler(400, context -> answers.refuse(context.request(), Refusal.MALFORMED_REQUEST, 400));
        router.errorHandler(404, this::notFound);
        router.errorHandler(
                500, context -> answers.refuseExactly(context.request(), Refusal.INTERNAL, 500, "", context.failure()));
        return router;
    }

    /** Reads the path by the rules of {@link Target}; the routes behind see only paths that fit them. */
    private void locate(RoutingContext context) {
        HttpServerRequest request = context.request();
        Target target = Target.parse(request.uri());
        switch (target.endpoint()) {
            case MALFORMED -> answers.refuse(request, Refusal.MALFORMED_PATH, 400);
            case LONG_ID ->
                answers.refuse(request, Refusal.ID_TOO_LONG, 400, "id longer than " + Limits.ID_BYTES + " bytes");
            case UNKNOWN -> notFound(context);
            case ELSEWHERE -> {
                request.response().putHeader(HttpHeaders.LOCATION, target.location());
                answers.end(request, 301, "");
            }
            default -> {
                context.put(TARGET, target);
                context.next();
            }
        }
    }

    private void notFound(RoutingContext context) {
        if (context.request().uri().startsWith("/")) {
            answers.refuse(context.request(), Refusal.NOT_FOUND, 404, "404 page not found");
        } else {
            answers.refuse(context.request(), Refusal.MALFORMED_PATH, 400);
        }
    }

    private static Handler<RoutingContext> to(BiConsumer<HttpServerRequest, Target> endpoint) {
        return context -> endpoint.accept(context.request(), context.get(TARGET));
    }
}
