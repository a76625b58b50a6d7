package io.loggregator.cli.client;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An HTTP server on a free port that answers its n-th request by its n-th handler, and any later one by the last. */
public final class TestServer implements AutoCloseable {
    /** A request as it came. */
    public record Seen(String uri, String authorization) {}

    private final Vertx vertx = Vertx.vertx();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    @SafeVarargs
    public TestServer(Handler<HttpServerRequest>... handlers) {
        this(new HttpServerOptions(), 0, handlers);
    }

    @SafeVarargs
    @SuppressWarnings("varargs")
    public TestServer(HttpServerOptions options, int port, Handler<HttpServerRequest>... handlers) {
        List<Handler<HttpServerRequest>> answers = List.of(handlers);
        HttpServer listening = vertx.createHttpServer(options).requestHandler(request -> {
            int number = seen.size();
            seen.add(new Seen(request.uri(), request.getHeader("Authorization")));
            answers.get(Math.min(number, answers.size() - 1)).handle(request);
        });
        try {
            server = listening.listen(port, "127.0.0.1").await(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Refuses with a status and a body. */
    public static Handler<HttpServerRequest> refusing(int status, String body) {
        return request -> request.response().setStatusCode(status).end(body);
    }

    public int port() {
        return server.actualPort();
    }

    public String url() {
        return "ws://127.0.0.1:" + port();
    }

    public List<Seen> seen() {
        return seen;
    }

    public Vertx vertx() {
        return vertx;
    }

    @Override
    public void close() {
        try {
            vertx.close().await(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
