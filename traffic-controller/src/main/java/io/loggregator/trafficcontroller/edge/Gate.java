package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Supplier;

/** Lets requests pass as {@link AccessControl} decides, and answers those that may not. */
final class Gate {
    private final AccessControl accessControl;
    private final Answers answers;

    Gate(AccessControl accessControl, Answers answers) {
        this.accessControl = accessControl;
        this.answers = answers;
    }

    void firehose(HttpServerRequest request, Runnable passed) {
        ask(request, () -> accessControl.firehose(Tokens.of(request.headers())), passed);
    }

    void app(HttpServerRequest request, String appId, Runnable passed) {
        ask(request, () -> accessControl.app(Tokens.of(request.headers()), appId), passed);
    }

    private void ask(HttpServerRequest request, Supplier<Future<Decision>> question, Runnable passed) {
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
                passed.run();
            } else {
                answers.refuse(request, decided.result());
            }
        });
    }
}
