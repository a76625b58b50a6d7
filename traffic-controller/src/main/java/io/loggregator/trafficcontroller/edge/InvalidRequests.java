package io.loggregator.trafficcontroller.edge;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpServerRequest;

/** Answers what could not be read as a request, and ends the connection: where the next one starts is not known. */
final class InvalidRequests {
    private final Answers answers;

    InvalidRequests(Answers answers) {
        this.answers = answers;
    }

    void handle(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Answers.closing(request);
        if (cause instanceof TooLongHttpLineException) {
            answers.refuse(request, Refusal.LINE_TOO_LONG, 414);
        } else if (cause instanceof TooLongHttpHeaderException) {
            answers.refuse(request, Refusal.HEADER_TOO_LARGE, 431);
        } else if (cause instanceof ConnectionGuard.UnknownVersion) {
            answers.refuse(request, Refusal.HTTP_VERSION, 505);
        } else {
            answers.refuse(request, Refusal.MALFORMED_REQUEST, 400);
        }
    }
}
