package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CloseLimitTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private long waiting = 1_000;

    @BeforeEach
    void begin() {
        channel.freezeTime();
        new CloseLimit(channel.pipeline().lastContext(), () -> waiting).begin();
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
    }

    private boolean isOpenAfter(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        return channel.isOpen();
    }

    @Test
    void whoTakesNothingIsCutOffAfterTwoSeconds() {
        assertThat(isOpenAfter(1)).isTrue();
        assertThat(isOpenAfter(1)).isFalse();
    }

    @Test
    void whoReadsAgainIsCutOffWhenItStops() {
        waiting -= 10;
        assertThat(isOpenAfter(2)).isTrue();
        waiting -= 10;
        assertThat(isOpenAfter(2)).isTrue();
        assertThat(isOpenAfter(2)).isFalse();
    }

    @Test
    void whoHasTakenAllIsLeftToTheClosingHandshake() {
        waiting = 0;
        assertThat(isOpenAfter(2)).isTrue();
        assertThat(isOpenAfter(60)).isTrue();
    }

    @Test
    void whoReadsTooLittleHasTenSeconds() {
        for (int second = 2; second < 10; second += 2) {
            waiting -= 10;
            assertThat(isOpenAfter(2)).as("after %d s", second).isTrue();
        }
        waiting -= 10;
        assertThat(isOpenAfter(2)).isFalse();
    }
}
