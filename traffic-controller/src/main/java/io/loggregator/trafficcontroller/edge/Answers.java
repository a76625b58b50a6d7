package io.loggregator.trafficcontroller.edge;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes answers that are not streams. An answer that comes too late, because one is under way or the client has gone, is dropped. */
final class Answers {
    private static final String TEXT = "text/plain; charset=utf-8";

    private static final Logger LOG = LoggerFactory.getLogger(EdgeVerticle.class);

    private final Refusals refusals;

    Answers(Refusals refusals) {
        this.refusals = refusals;
    }

    /** Refuses with a text, which is ended by a line end, in the form of Go's {@code net/http.Error}. */
    void refuse(HttpServerRequest request, Refusal reason, int status, String text) {
        HttpServerResponse response = request.response();
        if (!response.headWritten()) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, TEXT).putHeader("X-Content-Type-Options", "nosniff");
        }
        refuseExactly(request, reason, status, text + "\n");
    }

    /** Refuses with the standard text of the status. */
    void refuse(HttpServerRequest request, Refusal reason, int status) {
        refuse(request, reason, status, HttpResponseStatus.valueOf(status).reasonPhrase());
    }

    /** Refuses as access control decided. */
    void refuse(HttpServerRequest request, Decision decision) {
        HttpServerResponse response = request.response();
        if (!response.headWritten()) {
            if (!decision.body().isEmpty()) {
                response.putHeader(HttpHeaders.CONTENT_TYPE, TEXT);
            }
            decision.headers().forEach(response::putHeader);
        }
        refuseExactly(request, Refusal.ACCESS, decision.status(), decision.body());
    }

    /** Refuses with headers set before and exactly this body. */
    void refuseExactly(HttpServerRequest request, Refusal reason, int status, String body) {
        refusals.refuse(
                reason, request.remoteAddress(), status + " for " + request.method() + " " + shown(request.path()));
        end(request, status, body);
    }

    /** Counts and logs a fault of our own. */
    void failed(HttpServerRequest request, Throwable cause) {
        String what = request.method() + " " + shown(request.path());
        LOG.warn("{} failed", what, cause);
        refusals.refuse(Refusal.INTERNAL, request.remoteAddress(), what);
    }

    /** Answers with headers set before and this body. */
    void end(HttpServerRequest request, int status, String body) {
        HttpServerResponse response = request.response();
        if (response.headWritten() || response.closed()) {
            return;
        }
        response.setStatusCode(status);
        boolean close = Bodies.mayBeLong(request);
        if (close) {
            closing(response);
        }
        request.resume();
        response.end(body).onComplete(ended -> {
            if (close) {
                request.connection().close();
            }
        });
    }

    /** Announces that the connection ends with this answer. */
    static void closing(HttpServerResponse response) {
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }

    /** The start of what a client sent, safe for a log. */
    static String shown(String sent) {
        if (sent == null) {
            return "";
        }
        String start = sent.length() > 100 ? sent.substring(0, 100) + "..." : sent;
        return start.replaceAll("[^ -~]", "?");
    }
}
