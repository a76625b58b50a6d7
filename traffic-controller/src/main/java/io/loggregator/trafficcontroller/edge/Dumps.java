package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Collections;
import java.util.function.Supplier;

/** {@code recentlogs} and {@code containermetrics}: what is known of an app at this moment, as one answer. */
final class Dumps {
    private static final int ALL = 0;
    private static final RecentPast NOTHING = new RecentPast(Collections.emptyIterator(), () -> {});

    private final Pipeline pipeline;
    private final Gate gate;
    private final Answers answers;
    private final SlowReaders slowReaders;

    Dumps(Pipeline pipeline, Gate gate, Answers answers, SlowReaders slowReaders) {
        this.pipeline = pipeline;
        this.gate = gate;
        this.answers = answers;
        this.slowReaders = slowReaders;
    }

    void recentLogs(HttpServerRequest request, Target target) {
        Integer limit = limit(Query.parse(target.query()).get("limit"));
        Supplier<Future<RecentPast>> logs = () -> {
            if (limit == null) {
                return pipeline.recentLogs(target.id(), ALL);
            }
            return limit == 0 ? Future.succeededFuture(NOTHING) : pipeline.recentLogs(target.id(), limit);
        };
        dump(request, target, logs, "Failed to read recent logs\n");
    }

    void containerMetrics(HttpServerRequest request, Target target) {
        dump(request, target, () -> pipeline.containerMetrics(target.id()), "");
    }

    private void dump(HttpServerRequest request, Target target, Supplier<Future<RecentPast>> past, String failureText) {
        Cors.allow(request);
        gate.app(request, target.id(), access -> {
            if (request.method().equals(HttpMethod.HEAD)) {
                send(request, NOTHING);
                return;
            }
            Future<RecentPast> read;
            try {
                read = past.get();
            } catch (RuntimeException e) {
                read = Future.failedFuture(e);
            }
            read.onSuccess(found -> send(request, found)).onFailure(cause -> fail(request, failureText, cause));
        });
    }

    private void fail(HttpServerRequest request, String text, Throwable cause) {
        HttpServerResponse response = request.response();
        if (!text.isEmpty() && !response.headWritten()) {
            Answers.plainText(response);
        }
        answers.refuseExactly(request, Refusal.UNANSWERED, 500, text, cause);
    }

    private void send(HttpServerRequest request, RecentPast past) {
        if (request.response().closed()) {
            past.over().run();
            return;
        }
        boolean close = Answers.endsConnection(request);
        // A client that leaves early misses its own answer only.
        Future<Void> sent = Multipart.send(request.response(), past.envelopes());
        slowReaders.watch(request, sent);
        sent.onComplete(over -> {
            past.over().run();
            if (close) {
                request.connection().close();
            }
        });
    }

    /** The limit asked for; null if there is none: missing, negative, or no decimal number of 64 bits. */
    private static Integer limit(String value) {
        if (!value.matches("[+-]?[0-9]+")) {
            return null;
        }
        try {
            long limit = Long.parseLong(value);
            return limit < 0 ? null : (Integer) (int) Math.min(limit, Integer.MAX_VALUE);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
