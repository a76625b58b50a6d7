package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
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

    private final EdgeOptions options;
    private final HttpPort port;
    private final Answers answers;
    private final Pipeline pipeline;
    private final AcknowledgedStreams acknowledged;
    private final AccessControl accessControl;
    private final Gate gate;
    private final SetCookie setCookie;

    public EdgeVerticle(
            EdgeOptions options, Pipeline pipeline, AcknowledgedStreams acknowledged, AccessControl accessControl) {
        this.options = options;
        port = new HttpPort(options, HttpPort.Kind.LOGGREGATOR);
        answers = port.answers();
        this.pipeline = pipeline;
        this.acknowledged = acknowledged;
        this.accessControl = accessControl;
        gate = new Gate(accessControl, answers);
        setCookie = new SetCookie(options.systemDomain(), answers);
    }

    @Override
    public Future<?> start() {
        Router router = router();
        return port.listen(vertx, router);
    }

    /** The port it listens on. Known once it is deployed. */
    public int port() {
        return port.port();
    }

    /**
     * Closes the listener and idle connections at once; then waits until answers under way are written and the owner of
     * the pipeline has closed the streams, at most {@link EdgeOptions#stopGrace()}. What is left is closed: streams with
     * 1000, within two seconds.
     */
    @Override
    public Future<?> stop() {
        return port.shutdown(options.stopGrace());
    }

    private Router router() {
        Recheck recheck = new Recheck(vertx, options.recheck(), answers);
        Streams streams = new Streams(
                pipeline,
                acknowledged,
                gate,
                accessControl,
                answers,
                recheck,
                options.limits().filters(),
                options.maxStreams(),
                options.streams(),
                options.front().proxies());
        Dumps dumps = new Dumps(pipeline, gate, answers, new SlowReaders(vertx, options.slowConsumer(), answers));
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
        int longestId = options.limits().sizes().id();
        Target target = Target.parse(request.uri(), longestId);
        switch (target.endpoint()) {
            case MALFORMED -> answers.refuse(request, Refusal.MALFORMED_PATH, 400);
            case LONG_ID -> answers.refuse(request, Refusal.ID_TOO_LONG, 400, "id longer than " + longestId + " bytes");
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
