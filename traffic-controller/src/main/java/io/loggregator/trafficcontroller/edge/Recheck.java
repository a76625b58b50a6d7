package io.loggregator.trafficcontroller.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Asks again and again whether an open stream is still allowed, and ends it if access was taken away. A token that has
 * become too old can tell nothing any more, so nobody asks about it. Owned by one event loop.
 */
public final class Recheck {
    /** What a client is told. */
    public static final String REASON = "access was revoked";
    /** Spreads the questions about streams that began together. */
    private static final double JITTER = 0.2;

    private final Vertx vertx;
    private final Duration interval;
    private final Answers answers;

    /** @param interval zero: never */
    public Recheck(Vertx vertx, Duration interval, Answers answers) {
        this.vertx = vertx;
        this.interval = interval;
        this.answers = answers;
    }

    /**
     * Looks after a stream.
     *
     * @param revoked asks whether access was taken away, and why
     * @param expires until when there is something to ask
     * @param end ends the stream; called at most once
     * @return to be run when the stream has ended
     */
    public Runnable watch(
            HttpServerRequest request, Supplier<Future<Optional<String>>> revoked, Instant expires, Runnable end) {
        if (interval.isZero()) {
            return () -> {};
        }
        Watch watch = new Watch(request, revoked, expires, end);
        watch.later();
        return watch::stop;
    }

    private final class Watch {
        private final HttpServerRequest request;
        private final Supplier<Future<Optional<String>>> revoked;
        private final Instant expires;
        private final Runnable end;
        private boolean stopped;
        /** -1 while there is none: 0 would be somebody else's timer. */
        private long timer = -1;

        Watch(HttpServerRequest request, Supplier<Future<Optional<String>>> revoked, Instant expires, Runnable end) {
            this.request = request;
            this.revoked = revoked;
            this.expires = expires;
            this.end = end;
        }

        void later() {
            double factor = 1 + ThreadLocalRandom.current().nextDouble(-JITTER, JITTER);
            timer = vertx.setTimer(Math.max(1, (long) (interval.toMillis() * factor)), due -> ask());
        }

        void stop() {
            stopped = true;
            vertx.cancelTimer(timer);
        }

        private void ask() {
            if (Instant.now().isBefore(expires)) {
                revoked.get().onComplete(told -> decide(told.succeeded() ? told.result() : Optional.empty()));
            }
        }

        private void decide(Optional<String> why) {
            if (stopped) {
                return;
            }
            if (why.isEmpty()) {
                later();
                return;
            }
            answers.revoked(request, why.get());
            end.run();
        }
    }
}
