package io.loggregator.trafficcontroller.access;

import io.loggregator.node.tls.IssuedCertificate;
import io.loggregator.node.tls.PemFiles;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTPS server that answers as told, and writes down what it was asked. */
final class AuthorityServer implements AutoCloseable {
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile Handler<HttpServerRequest> behaviour = answering(200, "");
    private final HttpServer server;

    /** @param clientCa whose certificates clients must show; null: none */
    AuthorityServer(Vertx vertx, Path directory, String name, IssuedCertificate certificate, Path clientCa)
            throws IOException {
        PemFiles files = certificate.writeTo(directory, name);
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setHost("127.0.0.1")
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertPath(files.certificate().toString())
                        .addKeyPath(files.key().toString()));
        if (clientCa != null) {
            options.setClientAuth(ClientAuth.REQUIRED)
                    .setTrustOptions(new PemTrustOptions().addCertPath(clientCa.toString()));
        }
        server = vertx.createHttpServer(options)
                .requestHandler(request -> request.body().onSuccess(body -> {
                    asked.add(request.method() + " " + request.uri() + " " + request.getHeader("Authorization") + " "
                            + body);
                    behaviour.handle(request);
                }))
                .listen(0)
                .await();
    }

    /** Base URL, by the name in the certificate. */
    String url() {
        return "https://localhost:" + server.actualPort();
    }

    static Handler<HttpServerRequest> answering(int status, String body) {
        return request -> request.response().setStatusCode(status).end(body);
    }

    static Handler<HttpServerRequest> redirecting() {
        return request -> request.response()
                .setStatusCode(302)
                .putHeader("Location", request.absoluteURI())
                .end();
    }

    static Handler<HttpServerRequest> huge() {
        return request -> request.response().end(Buffer.buffer(new byte[QuestionLimits.USUAL.answerBytes() + 1]));
    }

    static Handler<HttpServerRequest> silent() {
        return request -> {};
    }

    @Override
    public void close() {
        server.close().await();
    }
}
