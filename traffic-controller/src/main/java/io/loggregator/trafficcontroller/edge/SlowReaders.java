package io.loggregator.trafficcontroller.edge;

import io.loggregator.trafficcontroller.subscription.Stall;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** Cuts off clients that take nothing of an answer while it waits to be sent: until it is, its memory counts. */
final class SlowReaders {
    private static final long LOOK_MILLIS = 1_000;

    private final Vertx vertx;
    private final Duration patience;
    private final Answers answers;

    /** @param patience time without any progress after which a client is cut off */
    SlowReaders(Vertx vertx, Duration patience, Answers answers) {
        this.vertx = vertx;
        this.patience = patience;
        this.answers = answers;
    }

    /** Watches a client of HTTP/1, on its event loop, until its answer is sent. */
    void watch(HttpServerRequest request, Future<Void> sent) {
        Channel channel = Channels.of(request.connection());
        Stall stall = new Stall();
        long timer = vertx.setPeriodic(LOOK_MILLIS, look -> {
            long now = System.nanoTime();
            stall.progressed(
                    false, Channels.waitingBytes(channel), request.response().bytesWritten(), now);
            if (stall.isLongerThan(patience.toNanos(), now)) {
                vertx.cancelTimer(look);
                answers.cut(request);
            }
        });
        sent.onComplete(over -> vertx.cancelTimer(timer));
    }
}
