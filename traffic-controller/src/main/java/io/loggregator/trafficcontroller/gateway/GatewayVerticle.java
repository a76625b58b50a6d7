package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.edge.Answers;
import io.loggregator.trafficcontroller.edge.Client;
import io.loggregator.trafficcontroller.edge.Decision;
import io.loggregator.trafficcontroller.edge.HttpPort;
import io.loggregator.trafficcontroller.edge.Query;
import io.loggregator.trafficcontroller.edge.Recheck;
import io.loggregator.trafficcontroller.edge.Refusal;
import io.loggregator.trafficcontroller.edge.Target;
import io.loggregator.trafficcontroller.edge.TrustedProxies;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Readings;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Serves the gateway port. Deploy one instance per event loop; all share the port. An instance belongs to the event loop
 * it is deployed on, and so do its connections: {@link Readings} and {@link LogAccess} are called there.
 */
public final class GatewayVerticle extends VerticleBase {
    private static final String PATH = "/v2/read";
    /** What {@link io.loggregator.trafficcontroller.subscription.Reading#position} may tell. */
    private static final Pattern POSITION = Pattern.compile("[A-Za-z0-9._~-]*");

    private static final String NOT_FOUND = JsonError.of("not_found", "resource not found");

    private final GatewayOptions options;
    private final Readings readings;
    private final LogAccess access;
    private final GatewayCounters counters;
    private final HttpPort port;
    private final Answers answers;
    private Recheck recheck;
    private int open;

    public GatewayVerticle(GatewayOptions options, Readings readings, LogAccess access, GatewayCounters counters) {
        this.options = options;
        this.readings = readings;
        this.access = access;
        this.counters = counters;
        port = new HttpPort(options.port(), HttpPort.Kind.GATEWAY);
        answers = port.answers();
    }

    @Override
    public Future<?> start() {
        recheck = new Recheck(vertx, options.port().recheck(), answers);
        return port.listen(vertx, this::handle);
    }

    /** The port it listens on. Known once it is deployed. */
    public int port() {
        return port.port();
    }

    /** Closes the listener at once, and waits until the owner of the readings has ended the streams, as long as configured. */
    @Override
    public Future<?> stop() {
        return port.shutdown(options.port().stopGrace());
    }

    private void handle(HttpServerRequest request) {
        String path = Target.path(request.uri());
        if (path == null) {
            answers.refuse(request, Refusal.MALFORMED_PATH, 400);
        } else if (!path.equals(PATH)) {
            answers.refuse(request, Refusal.NOT_FOUND, 404, "404 page not found");
        } else {
            ReadQuery query = new ReadQuery(
                    Query.parse(Target.query(request.uri())),
                    options.port().limits().filters());
            String token = Objects.requireNonNullElse(request.getHeader(HttpHeaders.AUTHORIZATION), "");
            request.pause();
            allowed(token, query.sources())
                    .onSuccess(decision -> decided(request, query, token, decision))
                    .onFailure(cause -> {
                        if (!request.response().headWritten()) {
                            Answers.plainText(request.response());
                        }
                        answers.refuseExactly(request, Refusal.ACCESS_UNKNOWN, 404, NOT_FOUND, cause);
                    });
        }
    }

    private Future<Decision> allowed(String token, List<String> sources) {
        try {
            return access.read(token, sources);
        } catch (RuntimeException fault) {
            return Future.failedFuture(fault);
        }
    }

    private void decided(HttpServerRequest request, ReadQuery query, String token, Decision decision) {
        if (!decision.allowed()) {
            hide(request, decision);
        } else if (!request.method().equals(HttpMethod.GET)) {
            refuse(request, Refusal.METHOD, 405, "method_not_allowed", "method not allowed");
        } else if (!request.response().closed()) {
            try {
                serve(request, query.subscription(position(request)), token, query.sources(), decision.expires());
            } catch (BadQuery bad) {
                refuse(request, Refusal.BAD_QUERY, 400, bad.code, bad.getMessage());
            }
        }
    }

    /** Where access is refused, nothing is there. */
    private void hide(HttpServerRequest request, Decision decision) {
        Decision hidden = Decision.refused(404, JsonError.HEADERS, NOT_FOUND, decision.why());
        answers.refuse(request, decision.known() ? hidden : hidden.asUnknown());
    }

    private void refuse(HttpServerRequest request, Refusal reason, int status, String code, String message) {
        if (!request.response().headWritten()) {
            Answers.plainText(request.response());
        }
        answers.refuseExactly(request, reason, status, JsonError.of(code, message));
    }

    private void refuse(HttpServerRequest request, Refusal reason) {
        refuse(request, reason, 503, "streaming_unavailable", "streaming is temporarily unavailable");
    }

    private static String position(HttpServerRequest request) throws BadQuery {
        String position = Objects.requireNonNullElse(request.getHeader("Last-Event-ID"), "");
        if (!POSITION.matcher(position).matches()) {
            throw new BadQuery("invalid_last_event_id", "Last-Event-ID is not an id that this endpoint has sent");
        }
        return position;
    }

    private void serve(
            HttpServerRequest request, Subscription subscription, String token, List<String> sources, Instant expires) {
        if (open >= options.port().maxStreams()) {
            refuse(request, Refusal.TOO_MANY_STREAMS);
            return;
        }
        TrustedProxies proxies = options.port().front().proxies();
        Client client = Client.of(request, proxies);
        Optional<Runnable> counted = client.countIn(options.port().streams(), proxies);
        if (counted.isEmpty()) {
            refuse(request, Refusal.TOO_MANY_STREAMS_OF_CLIENT);
            return;
        }
        SseStream stream = new SseStream(vertx, request, subscription, client.toString(), options.rhythm(), counters);
        try {
            stream.serve(readings.open(subscription, Form.JSON, stream));
        } catch (RuntimeException fault) {
            answers.failed(request, fault);
            counted.get().run();
            refuse(request, Refusal.UNANSWERED);
            return;
        }
        open++;
        Runnable unwatch = recheck.watch(
                request, () -> access.revoked(token, sources, expires), expires, () -> stream.close(Recheck.REASON));
        stream.whenEnded(() -> {
            open--;
            counted.get().run();
            unwatch.run();
        });
    }
}
