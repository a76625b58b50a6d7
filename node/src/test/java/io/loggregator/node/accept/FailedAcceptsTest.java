package io.loggregator.node.accept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.metrics.Metrics;
import io.netty.channel.ServerChannel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailedAcceptsTest {
    private final AtomicLong count = new AtomicLong();
    private final EmbeddedChannel listener = new EmbeddedChannel(new FailedAccepts.Waiting(
            count, new RateLimitedLog(LoggerFactory.getLogger(FailedAcceptsTest.class), Duration.ofSeconds(10))));

    @Test
    void aListenerWaitsForASecondAndCounts() {
        listener.freezeTime();
        listener.pipeline().fireExceptionCaught(new IOException("too many open files"));

        assertThat(count).hasValue(1);
        assertThat(listener.config().isAutoRead()).isFalse();
        // Nobody behind it is told, who would write a stack trace.
        listener.checkException();

        listener.advanceTimeBy(1, TimeUnit.SECONDS);
        listener.runScheduledPendingTasks();
        assertThat(listener.config().isAutoRead()).isTrue();
    }

    @Test
    void whatIsNoFailureToAcceptGoesOn() {
        listener.pipeline().fireExceptionCaught(new IllegalStateException("a bug"));

        assertThat(count).hasValue(0);
        assertThat(listener.config().isAutoRead()).isTrue();
        assertThatThrownBy(listener::checkException).hasMessage("a bug");
    }

    @Test
    void everyListenerOfAServerIsOne() {
        Vertx vertx = FailedAccepts.vertx(new VertxOptions());
        try {
            ServerChannel one = ((VertxInternal) vertx)
                    .transport()
                    .serverChannelFactory(false)
                    .newChannel();
            assertThat(one.pipeline().get(FailedAccepts.Waiting.class)).isNotNull();
            assertThat(vertx.isNativeTransportEnabled())
                    .isEqualTo(io.vertx.core.transport.Transport.nativeTransport() != null);
        } finally {
            vertx.close().await();
        }
    }

    @Test
    void theMetricTellsTheProcessesCount() {
        Metrics metrics = new Metrics();
        FailedAccepts.showIn(metrics);
        assertThat(metrics.scrape()).contains("failed_accepts_total ");
    }
}
