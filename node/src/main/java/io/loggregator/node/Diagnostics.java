package io.loggregator.node;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The diagnostics port: plain HTTP/1.1 for operators and monitoring, without access control and therefore meant for
 * loopback.
 *
 * <ul>
 *   <li>{@code GET /health}: 200 and {@code ok} as long as the process serves
 *   <li>{@code GET /ready}: 200 and {@code ready}, or 503 with one reason per line
 *   <li>{@code GET /metrics}: the metrics in the Prometheus text format
 *   <li>what the server {@link #add adds}: a JSON object; 400 with one line for a query that is not understood, 503 when
 *       there is no answer within 3 s
 * </ul>
 *
 * Other paths are 404, other methods than GET and HEAD 405. A request line is at most 4 KiB (414 beyond), the headers
 * 8 KiB (431 beyond); connections idle for 30 s are closed, and so are those beyond 64 at a time.
 */
public final class Diagnostics {
    private static final Logger LOG = LoggerFactory.getLogger(Diagnostics.class);
    private static final int LONGEST_REQUEST_LINE = 4 * 1024;
    private static final int LARGEST_HEADERS = 8 * 1024;
    private static final int IDLE_SECONDS = 30;
    private static final int MOST_CONNECTIONS = 64;
    private static final int REPORT_SECONDS = 3;
    private static final String JSON = "application/json";
    private static final String PLAIN = "text/plain; charset=utf-8";

    private final Vertx vertx;
    private final HostPort address;
    private final Metrics metrics;
    private final Readiness readiness;
    private final HttpServer server;
    private final Map<String, Report> reports = new ConcurrentHashMap<>();
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * @param address where to listen; port 0 for any free one
     */
    public Diagnostics(Vertx vertx, HostPort address, Metrics metrics, Readiness readiness) {
        this.vertx = vertx;
        this.address = address;
        this.metrics = metrics;
        this.readiness = readiness;
        this.server = vertx.createHttpServer(new HttpServerOptions()
                        .setMaxInitialLineLength(LONGEST_REQUEST_LINE)
                        .setMaxHeaderSize(LARGEST_HEADERS)
                        .setIdleTimeout(IDLE_SECONDS)
                        .setIdleTimeoutUnit(TimeUnit.SECONDS)
                        .setHttp2ClearTextEnabled(false))
                .connectionHandler(this::admit)
                .exceptionHandler(Diagnostics::broken)
                .requestHandler(this::answer);
    }

    /** On loopback, where nobody but this machine can ask. */
    public static Diagnostics onLoopback(Vertx vertx, int port, Metrics metrics, Readiness readiness) {
        return new Diagnostics(vertx, new HostPort("127.0.0.1", port), metrics, readiness);
    }

    /** Answers {@code GET} of these paths, too. */
    public Diagnostics add(Map<String, Report> more) {
        reports.putAll(more);
        return this;
    }

    /** Listens; the future has the port, or the reason for which {@link PortInUse#explain} has words. */
    public Future<Integer> start() {
        return server.listen(address.port(), address.host()).map(HttpServer::actualPort);
    }

    /** Stops listening and closes all connections. */
    public Future<Void> stop() {
        return server.close();
    }

    private void admit(HttpConnection connection) {
        connection.closeHandler(closed -> connections.decrementAndGet());
        connection.exceptionHandler(Diagnostics::broken);
        if (connections.incrementAndGet() > MOST_CONNECTIONS) {
            connection.close();
        }
    }

    /** A peer that breaks off is its own business; without a handler Vert.x would write an error line for each. */
    private static void broken(Throwable failure) {
        LOG.debug("a connection to the diagnostics port broke: {}", failure.toString());
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            response.putHeader("Allow", "GET, HEAD");
            text(response, 405, "method not allowed\n");
            return;
        }
        switch (String.valueOf(request.path())) {
            case "/health" -> text(response, 200, "ok\n");
            case "/ready" -> {
                List<String> reasons = readiness.reasons();
                text(response, reasons.isEmpty() ? 200 : 503, reasons.isEmpty() ? "ready\n" : lines(reasons));
            }
            case "/metrics" -> scrape(response);
            default -> {
                Report report = reports.get(request.path());
                if (report == null) {
                    text(response, 404, "not found\n");
                } else {
                    report(report, request);
                }
            }
        }
    }

    /** Collecting the metrics takes milliseconds, too long for an event loop that may carry envelopes. */
    private void scrape(HttpServerResponse response) {
        vertx.executeBlocking(metrics::scrape, false)
                .onSuccess(scrape -> {
                    response.putHeader("Content-Type", Metrics.CONTENT_TYPE);
                    send(response, Buffer.buffer(scrape));
                })
                .onFailure(failure -> text(response, 500, "the metrics cannot be collected\n"));
    }

    private void report(Report report, HttpServerRequest request) {
        Future<JsonObject> answer;
        try {
            answer = report.on(new ReportQuery(request.params()));
        } catch (InvalidQuery wrong) {
            text(request.response(), 400, wrong.getMessage() + "\n");
            return;
        }
        // Writing a large object is nothing for an event loop that may carry envelopes.
        answer.timeout(REPORT_SECONDS, TimeUnit.SECONDS)
                .compose(json -> vertx.executeBlocking(json::toBuffer, false))
                .onSuccess(json -> {
                    request.response().putHeader("Content-Type", JSON);
                    send(request.response(), json);
                })
                .onFailure(failure -> {
                    LOG.debug("no answer to {}", request.path(), failure);
                    text(request.response(), 503, "no answer within " + REPORT_SECONDS + " s\n");
                });
    }

    private static String lines(List<String> reasons) {
        return String.join("\n", reasons) + "\n";
    }

    private static void text(HttpServerResponse response, int status, String body) {
        response.setStatusCode(status).putHeader("Content-Type", PLAIN);
        send(response, Buffer.buffer(body));
    }

    private static void send(HttpServerResponse response, Buffer body) {
        if (!response.closed() && !response.ended()) {
            response.end(body);
        }
    }
}
