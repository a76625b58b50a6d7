package io.loggregator.trafficcontroller.access;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Asks one authority by HTTP: a bounded number of questions at a time, each within a time limit, answers of a bounded
 * size, no redirects.
 */
final class AuthorityClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final HttpClient client;
    private final String base;
    private final QuestionLimits limits;
    private final Runnable waited;
    private int underWay;

    /** What was answered. The body has no more bytes than an answer may have. */
    record Reply(int status, Buffer body) {}

    /**
     * On an event loop context.
     *
     * @param options TLS, and whether connections are kept
     * @param base where paths are appended; without a slash at the end
     * @param limits of questions and answers
     * @param waited called for each question that has to wait for a connection
     */
    AuthorityClient(Vertx vertx, HttpClientOptions options, URI base, QuestionLimits limits, Runnable waited) {
        this.vertx = vertx;
        this.base = base.toString();
        this.limits = limits;
        this.waited = waited;
        this.client = vertx.createHttpClient(
                new HttpClientOptions(options)
                        .setSsl(base.getScheme().equals("https"))
                        .setConnectTimeout((int) CONNECT.toMillis()),
                new PoolOptions().setHttp1MaxSize(limits.connections()).setMaxWaitQueueSize(limits.waiting()));
    }

    /** Asks. Fails with a message fit for the log: what is wrong, nothing of what was sent. */
    Future<Reply> send(HttpMethod method, String path, Map<String, String> headers, Buffer body) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setAbsoluteURI(base + path)
                .setFollowRedirects(false);
        headers.forEach(options::putHeader);
        Call call = new Call(body);
        if (underWay >= limits.connections() && underWay - limits.connections() < limits.waiting()) {
            waited.run();
        }
        underWay++;
        call.reply.future().onComplete(done -> underWay--);
        client.request(options).onComplete(call::connected, call::failed);
        return call.reply.future();
    }

    /** Ends connections; what is under way fails. */
    void close() {
        client.close();
    }

    /** One question under way. */
    private final class Call {
        final Promise<Reply> reply = Promise.promise();
        final long timer = vertx.setTimer(limits.patience().toMillis(), late -> timedOut());
        final Buffer received = Buffer.buffer();
        final Buffer body;
        HttpClientRequest request;

        Call(Buffer body) {
            this.body = body;
        }

        void connected(HttpClientRequest connection) {
            request = connection;
            if (reply.future().isComplete()) {
                request.reset();
                return;
            }
            request.send(body).onComplete(this::answered, this::failed);
        }

        void answered(HttpClientResponse response) {
            response.exceptionHandler(this::failed)
                    .handler(piece -> {
                        if (received.length() + piece.length() > limits.answerBytes()) {
                            failed(new IllegalStateException(
                                    "an answer of more than " + limits.answerBytes() + " bytes"));
                        } else {
                            received.appendBuffer(piece);
                        }
                    })
                    .endHandler(end -> {
                        vertx.cancelTimer(timer);
                        reply.tryComplete(new Reply(response.statusCode(), received));
                    });
        }

        void timedOut() {
            failed(new TimeoutException("no answer within " + limits.patience().toMillis() / 1_000.0 + " s"));
        }

        void failed(Throwable why) {
            vertx.cancelTimer(timer);
            if (reply.tryFail(why) && request != null) {
                request.reset();
            }
        }
    }

    /** What went wrong, in a few words. */
    static String explain(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : Verdict.quoted(message);
    }
}
