package io.loggregator.trafficcontroller.edge;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** Writes answers that are not streams. An answer that comes too late, because one is under way or the client has gone, is dropped. */
public final class Answers {
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Refusals refusals;
    private final TrustedProxies proxies;

    Answers(Refusals refusals, TrustedProxies proxies) {
        this.refusals = refusals;
        this.proxies = proxies;
    }

    /** Refuses with a text, which is ended by a line end, in the form of Go's {@code net/http.Error}. */
    public void refuse(HttpServerRequest request, Refusal reason, int status, String text) {
        HttpServerResponse response = request.response();
        if (!response.headWritten()) {
            plainText(response);
        }
        refuseExactly(request, reason, status, text + "\n");
    }

    /** Announces a text that browsers must not take for anything else. */
    public static void plainText(HttpServerResponse response) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, TEXT).putHeader("X-Content-Type-Options", "nosniff");
    }

    /** Refuses with the standard text of the status. */
    public void refuse(HttpServerRequest request, Refusal reason, int status) {
        refuse(request, reason, status, HttpResponseStatus.valueOf(status).reasonPhrase());
    }

    /** Refuses as access control decided. */
    public void refuse(HttpServerRequest request, Decision decision) {
        HttpServerResponse response = request.response();
        if (!response.headWritten()) {
            if (!decision.body().isEmpty()) {
                response.putHeader(HttpHeaders.CONTENT_TYPE, TEXT);
            }
            decision.headers().forEach(response::putHeader);
        }
        refusals.refuse(
                decision.known() ? Refusal.ACCESS : Refusal.ACCESS_UNKNOWN,
                Client.of(request, proxies),
                decision.status() + " for " + shown(request) + ": " + decision.why());
        end(request, decision.status(), decision.body());
    }

    /** Refuses with headers set before and exactly this body. */
    public void refuseExactly(HttpServerRequest request, Refusal reason, int status, String body) {
        refuseExactly(request, reason, status, body, null);
    }

    /** Refuses because of a fault, which is logged. */
    public void refuseExactly(HttpServerRequest request, Refusal reason, int status, String body, Throwable cause) {
        refusals.refuse(reason, Client.of(request, proxies), status + " for " + shown(request), cause);
        end(request, status, body);
    }

    /** Counts and logs that an open stream has to end. */
    void revoked(HttpServerRequest request, String why) {
        refusals.refuse(Refusal.REVOKED, Client.of(request, proxies), "stream of " + shown(request) + " ended: " + why);
    }

    /** Counts and logs that a client takes nothing of its answer, and cuts it off. */
    void cut(HttpServerRequest request) {
        refusals.refuse(
                Refusal.SLOW_READER, Client.of(request, proxies), "answer to " + shown(request) + " not read, cut off");
        Channels.cut(request.connection());
    }

    /** Counts and logs a fault of our own that no answer can tell of. */
    public void failed(HttpServerRequest request, Throwable cause) {
        refusals.refuse(Refusal.INTERNAL, Client.of(request, proxies), shown(request), cause);
    }

    /** Answers with headers set before and this body. */
    void end(HttpServerRequest request, int status, String body) {
        HttpServerResponse response = request.response();
        if (response.headWritten() || response.closed()) {
            return;
        }
        response.setStatusCode(status);
        boolean close = endsConnection(request);
        request.resume();
        response.end(body).onComplete(ended -> {
            if (close) {
                request.connection().close();
            }
        });
    }

    /**
     * Whether the connection has to end with the answer, because a body comes that nobody wants to wait for; if so, the
     * answer says it. Over HTTP/2 only the stream ends.
     */
    static boolean endsConnection(HttpServerRequest request) {
        boolean ends = Bodies.mayBeLong(request) && request.version() != HttpVersion.HTTP_2;
        if (ends) {
            closing(request);
        }
        return ends;
    }

    /** Announces that the connection ends with this answer. */
    static void closing(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    /** Method and path as far as they are fit for a log; the query may hold a secret. */
    private static String shown(HttpServerRequest request) {
        String sent = request.method() + " " + request.path();
        String start = sent.length() > 100 ? sent.substring(0, 100) + "..." : sent;
        return start.replaceAll("[^ -~]", "?");
    }
}
