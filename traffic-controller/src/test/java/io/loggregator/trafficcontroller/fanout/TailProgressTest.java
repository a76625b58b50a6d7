package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Where the tails of a link start, after one that broke. */
class TailProgressTest {
    private static final Duration UNDER_WAY = Duration.ofSeconds(15);

    private Duration now = Duration.ofHours(-1);
    private final TailProgress progress = new TailProgress(() -> now.toNanos());
    private final FakeRun link = new FakeRun("run");

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private Duration age() {
        return Duration.ofMillis(progress.start(link).getAgeMillis());
    }

    @Test
    void atFirstWithAllThatCameSinceTheTrafficControllerStarted() {
        pass(Duration.ofSeconds(3));
        assertThat(age()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void withWhatMayHaveBeenUnderWayWhenTheLinkBroke() {
        age();
        pass(Duration.ofMinutes(5));
        progress.closed(link, true);
        pass(Duration.ofSeconds(2));
        assertThat(age()).isEqualTo(UNDER_WAY.plusSeconds(2));
    }

    @Test
    void withWhatWasSentIntoALinkThatWasDeadForLongBeforeItWasNoticed() {
        age();
        pass(Duration.ofMinutes(5));
        link.silence = Duration.ofSeconds(90);
        progress.closed(link, true);
        pass(Duration.ofSeconds(2));
        assertThat(age()).isEqualTo(UNDER_WAY.plusSeconds(92));
    }

    @Test
    void withNothingThatCameBeforeIfNobodyFollowedAnAppWhenTheLinkBroke() {
        age();
        pass(Duration.ofMinutes(5));
        progress.received(link, 1, 1_000);
        progress.gap(link, 1);
        progress.closed(link, false);
        pass(Duration.ofSeconds(2));
        assertThat(progress.start(link))
                .isEqualTo(Start.newBuilder()
                        .setAgeMillis(2_000)
                        .addReceived(Received.newBuilder().setLane(1).setGaps(1))
                        .build());
    }

    @Test
    void withWhatCameSinceTheTrafficControllerStartedIfThatIsLess() {
        pass(Duration.ofSeconds(2));
        age();
        progress.closed(link, true);
        pass(Duration.ofSeconds(1));
        assertThat(age()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void behindWhatArrivedOnEachLane() {
        Start first = progress.start(link);
        assertThat(first.getReceivedList()).isEmpty();
        progress.received(link, 1, 1_000);
        progress.gap(link, 1);
        progress.closed(link, true);
        assertThat(progress.start(link).getReceivedList())
                .containsExactly(Received.newBuilder()
                        .setLane(1)
                        .setPosition(1_000)
                        .setGaps(1)
                        .build());
    }
}
