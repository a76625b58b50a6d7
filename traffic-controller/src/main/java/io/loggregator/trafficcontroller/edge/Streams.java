package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.accept.PerClient;
import io.loggregator.stream.selection.Selection;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.trafficcontroller.refinement.FilterLimits;
import io.loggregator.trafficcontroller.refinement.Refinements;
import io.loggregator.trafficcontroller.refinement.UnusableFilter;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * {@code /firehose} and {@code stream}: upgrades a request to a WebSocket, after access control and only if it is sound,
 * and hands it to the pipeline. Owned by one event loop.
 */
final class Streams {
    /** The close code for a fault of the server (RFC 6455, 7.4.1). */
    private static final short INTERNAL_ERROR = 1011;

    /** The close code for what is not permitted (RFC 6455, 7.4.1). */
    private static final short POLICY_VIOLATION = 1008;

    private static final String VERSION = "Sec-WebSocket-Version";

    private final Pipeline pipeline;
    private final AcknowledgedStreams acknowledged;
    private final Gate gate;
    private final AccessControl accessControl;
    private final Answers answers;
    private final Recheck recheck;
    private final FilterLimits filters;
    private final int max;
    private final PerClient perClient;
    private final TrustedProxies proxies;
    private int open;

    Streams(
            Pipeline pipeline,
            AcknowledgedStreams acknowledged,
            Gate gate,
            AccessControl accessControl,
            Answers answers,
            Recheck recheck,
            FilterLimits filters,
            int max,
            PerClient perClient,
            TrustedProxies proxies) {
        this.pipeline = pipeline;
        this.acknowledged = acknowledged;
        this.gate = gate;
        this.accessControl = accessControl;
        this.answers = answers;
        this.recheck = recheck;
        this.filters = filters;
        this.max = max;
        this.perClient = perClient;
        this.proxies = proxies;
    }

    void firehose(HttpServerRequest request, Target target) {
        Query query = Query.parse(target.query());
        Selection filter = switch (query.get("filter-type")) {
            case "logs" -> Selection.LOGS;
            case "metrics" -> Selection.METRICS;
            default -> Selection.ALL;
        };
        request.pause();
        gate.firehose(
                request,
                access -> open(
                        request,
                        query,
                        access,
                        (webSocket, refinement) -> acknowledges(webSocket)
                                ? acknowledged.firehose(webSocket, target.id(), filter, refinement)
                                : pipeline.firehose(webSocket, target.id(), filter, refinement, tellsHeldBack(query))));
    }

    void app(HttpServerRequest request, Target target) {
        Query query = Query.parse(target.query());
        request.pause();
        gate.app(
                request,
                target.id(),
                access -> open(
                        request,
                        query,
                        access,
                        (webSocket, refinement) -> acknowledges(webSocket)
                                ? acknowledged.appStream(webSocket, target.id(), refinement)
                                : pipeline.appStream(webSocket, target.id(), refinement, tellsHeldBack(query))));
    }

    private void open(
            HttpServerRequest request,
            Query query,
            Access access,
            BiFunction<ServerWebSocket, Refinement, OpenStream> serve) {
        refined(
                request,
                query,
                refinement -> upgrade(request, access, webSocket -> serve.apply(webSocket, refinement)));
    }

    private void refined(HttpServerRequest request, Query query, Consumer<Refinement> then) {
        try {
            then.accept(Refinements.parse(query.values(), filters));
        } catch (UnusableFilter unusable) {
            answers.refuse(request, Refusal.BAD_QUERY, 400, unusable.getMessage());
        }
    }

    private static boolean tellsHeldBack(Query query) {
        return query.all("report").contains("held-back");
    }

    /** Whether the client has offered to acknowledge; Vert.x has chosen by it. */
    private static boolean acknowledges(ServerWebSocket webSocket) {
        return StreamMessage.SUBPROTOCOL.equals(webSocket.subProtocol());
    }

    private void upgrade(HttpServerRequest request, Access access, Function<ServerWebSocket, OpenStream> serve) {
        if (!request.method().equals(HttpMethod.GET)) {
            request.response().putHeader(VERSION, "13");
            answers.refuse(request, Refusal.METHOD, 405);
        } else if (!asksForWebSocket(request)) {
            request.response().putHeader(VERSION, "13");
            answers.refuse(request, Refusal.NOT_WEBSOCKET, 400);
        } else if (open >= max) {
            answers.refuseExactly(request, Refusal.TOO_MANY_STREAMS, 503, "");
        } else if (!request.response().closed()) {
            Client client = Client.of(request, proxies);
            Optional<Runnable> counted = client.countIn(perClient, proxies);
            if (counted.isEmpty()) {
                answers.refuseExactly(request, Refusal.TOO_MANY_STREAMS_OF_CLIENT, 503, "");
                return;
            }
            // Vert.x looks at the first header of each name only; there may be more, with more in them.
            request.headers().set(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
            request.headers().set(HttpHeaders.UPGRADE, "websocket");
            Channels.toWebSocket(request).onFailure(gone -> counted.get().run()).onSuccess(webSocket -> {
                open++;
                Channels.of(webSocket).closeFuture().addListener(closed -> {
                    open--;
                    counted.get().run();
                });
                Channels.leaveToOwner(webSocket);
                Channels.belongTo(Channels.of(webSocket), client.address());
                try {
                    watch(request, access, webSocket, serve.apply(webSocket));
                } catch (RuntimeException e) {
                    answers.failed(request, e);
                    webSocket.close(INTERNAL_ERROR);
                }
            });
        }
    }

    private void watch(HttpServerRequest request, Access access, ServerWebSocket webSocket, OpenStream stream) {
        Runnable ended = recheck.watch(
                request,
                () -> accessControl.revoked(access.token(), access.app(), access.expires()),
                access.expires(),
                () -> stream.close(POLICY_VIOLATION, Recheck.REASON));
        Channels.of(webSocket).closeFuture().addListener(closed -> ended.run());
    }

    /** Whether the request is a sound opening handshake (RFC 6455, 4.2.1). Any origin may send it. */
    private static boolean asksForWebSocket(HttpServerRequest request) {
        MultiMap headers = request.headers();
        return request.version() == HttpVersion.HTTP_1_1
                && Bodies.announced(request) == 0
                && hasToken(headers, HttpHeaders.CONNECTION, "upgrade")
                && hasToken(headers, HttpHeaders.UPGRADE, "websocket")
                && hasToken(headers, VERSION, "13")
                && isKey(headers.get("Sec-WebSocket-Key"));
    }

    private static boolean hasToken(MultiMap headers, CharSequence name, String token) {
        for (String value : headers.getAll(name)) {
            for (String item : value.split(",")) {
                if (item.strip().toLowerCase(Locale.ROOT).equals(token)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isKey(String key) {
        try {
            return key != null && Base64.getDecoder().decode(key.strip()).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
