package io.loggregator.rehearsal.nodes;

import io.loggregator.benchmarks.load.Keys;
import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.loggregator.node.tls.TlsMaterial;
import io.loggregator.rehearsal.proxy.FaultProxy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/**
 * UAA and Cloud Controller in one, which let everybody read everything, behind a proxy: what goes wrong with them goes wrong
 * there.
 */
public final class Authority implements AutoCloseable {
    /** What clients show; any would do. */
    public static final String TOKEN = "bearer rehearsal";

    private static final String ALLOWED = "{\"scope\":[\"doppler.firehose\"]}";

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final FaultProxy way;

    /** @param credentials whose {@code localhost} it shows */
    Authority(Credentials credentials) throws IOException {
        try {
            Keys own = credentials.of(Credentials.EDGE);
            HttpServerOptions tls =
                    TlsMaterial.load(own.certificate(), own.key(), own.ca()).applyTo(new HttpServerOptions(), false);
            HttpServer server = vertx.createHttpServer(tls).requestHandler(Authority::answer);
            way = new FaultProxy(wait(server.listen(0, Credentials.HOST)).actualPort());
        } catch (InvalidTlsMaterial | CompletionException e) {
            vertx.close();
            throw new IOException("no authority: " + e.getMessage(), e);
        }
    }

    private static void answer(HttpServerRequest request) {
        if (request.path().equals("/check_token")) {
            request.response().putHeader("Content-Type", "application/json").end(ALLOWED);
        } else {
            // The Cloud Controller's yes is a status.
            request.response().end();
        }
    }

    private static <T> T wait(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    String url() {
        return "https://" + Credentials.HOST + ":" + way.port();
    }

    /** The way to it. */
    public FaultProxy way() {
        return way;
    }

    @Override
    public void close() {
        way.close();
        wait(vertx.close());
    }
}
