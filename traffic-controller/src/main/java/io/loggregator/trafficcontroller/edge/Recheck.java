package io.loggregator.trafficcontroller.edge;

import io.netty.channel.Channel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Asks again and again whether an open stream is still allowed, and ends it if access was taken away. A token that has
 * become too old can tell nothing any more, so nobody asks about it. Owned by one event loop.
 */
final class Recheck {
    /** The close code for what is not permitted (RFC 6455, 7.4.1). */
    static final short POLICY_VIOLATION = 1008;

    static final String REASON = "access was revoked";
    /** Spreads the questions about streams that began together. */
    private static final double JITTER = 0.2;

    private final Vertx vertx;
    private final AccessControl accessControl;
    private final Duration interval;
    private final Answers answers;

    /** @param interval zero: never */
    Recheck(Vertx vertx, AccessControl accessControl, Duration interval, Answers answers) {
        this.vertx = vertx;
        this.accessControl = accessControl;
        this.interval = interval;
        this.answers = answers;
    }

    /** Looks after a stream until it ends. */
    void watch(HttpServerRequest request, Access access, ServerWebSocket webSocket, OpenStream stream) {
        if (interval.isZero()) {
            return;
        }
        new Watch(request, access, Channels.of(webSocket), stream).later();
    }

    private final class Watch {
        private final HttpServerRequest request;
        private final Access access;
        private final Channel channel;
        private final OpenStream stream;
        /** -1 while there is none: 0 would be somebody else's timer. */
        private long timer = -1;

        Watch(HttpServerRequest request, Access access, Channel channel, OpenStream stream) {
            this.request = request;
            this.access = access;
            this.channel = channel;
            this.stream = stream;
            channel.closeFuture().addListener(closed -> vertx.cancelTimer(timer));
        }

        void later() {
            double factor = 1 + ThreadLocalRandom.current().nextDouble(-JITTER, JITTER);
            timer = vertx.setTimer(Math.max(1, (long) (interval.toMillis() * factor)), due -> ask());
        }

        private void ask() {
            if (Instant.now().isBefore(access.expires())) {
                accessControl
                        .revoked(access.token(), access.app(), access.expires())
                        .onComplete(told -> decide(told.succeeded() ? told.result() : Optional.empty()));
            }
        }

        private void decide(Optional<String> revoked) {
            if (!channel.isActive()) {
                return;
            }
            if (revoked.isEmpty()) {
                later();
                return;
            }
            answers.revoked(request, revoked.get());
            stream.close(POLICY_VIOLATION, REASON);
        }
    }
}
