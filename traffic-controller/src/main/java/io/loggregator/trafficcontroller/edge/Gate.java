package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Lets requests pass as {@link AccessControl} decides, and answers those that may not. */
final class Gate {
    private final AccessControl accessControl;
    private final Answers answers;

    Gate(AccessControl accessControl, Answers answers) {
        this.accessControl = accessControl;
        this.answers = answers;
    }

    /** @param passed told of what allows it */
    void firehose(HttpServerRequest request, Consumer<Access> passed) {
        String token = Tokens.of(request.headers());
        ask(
                request,
                () -> accessControl.firehose(token),
                decision -> passed.accept(new Access(token, Optional.empty(), decision.expires())));
    }

    /** @param passed told of what allows it */
    void app(HttpServerRequest request, String appId, Consumer<Access> passed) {
        String token = Tokens.of(request.headers());
        ask(
                request,
                () -> accessControl.app(token, appId),
                decision -> passed.accept(new Access(token, Optional.of(appId), decision.expires())));
    }

    private void ask(HttpServerRequest request, Supplier<Future<Decision>> question, Consumer<Decision> passed) {
        Future<Decision> decision;
        try {
            decision = question.get();
        } catch (RuntimeException e) {
            decision = Future.failedFuture(e);
        }
        decision.onComplete(decided -> {
            if (decided.failed()) {
                answers.refuseExactly(request, Refusal.ACCESS_UNKNOWN, 500, "", decided.cause());
            } else if (decided.result().allowed()) {
                passed.accept(decided.result());
            } else {
                answers.refuse(request, decided.result());
            }
        });
    }
}
