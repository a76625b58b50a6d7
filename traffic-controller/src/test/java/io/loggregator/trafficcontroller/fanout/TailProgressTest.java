package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Where the tails of a link start, after one that broke. */
class TailProgressTest {
    private static final Duration UNDER_WAY = Duration.ofSeconds(15);

    private Duration now = Duration.ofHours(-1);
    private final TailProgress progress = new TailProgress(() -> now.toNanos());
    private OptionalLong oldest = OptionalLong.of(now.toNanos());
    private final FakeRun link = new FakeRun("run");

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private Duration age() {
        return Duration.ofMillis(start().getAgeMillis());
    }

    private Start start() {
        return progress.start(link, oldest);
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
        progress.closed(link);
        pass(Duration.ofSeconds(2));
        assertThat(age()).isEqualTo(UNDER_WAY.plusSeconds(2));
    }

    @Test
    void withWhatWasSentIntoALinkThatWasDeadForLongBeforeItWasNoticed() {
        age();
        pass(Duration.ofMinutes(5));
        link.silence = Duration.ofSeconds(90);
        progress.closed(link);
        pass(Duration.ofSeconds(2));
        assertThat(age()).isEqualTo(UNDER_WAY.plusSeconds(92));
    }

    @Test
    void anewIfNobodyFollowsAnAppAnyMore() {
        age();
        progress.received(link, 1, 1_000);
        progress.gap(link, 1);
        pass(Duration.ofMinutes(5));
        progress.closed(link);
        pass(Duration.ofSeconds(2));
        oldest = OptionalLong.empty();
        assertThat(start()).isEqualTo(Start.newBuilder().setAnew(true).build());
    }

    @Test
    void anewWithWhatCameSinceTheFirstAppStreamDidIfAllHaveComeSinceTheLinkEnded() {
        age();
        progress.received(link, 1, 1_000);
        pass(Duration.ofMinutes(5));
        progress.closed(link);
        pass(Duration.ofSeconds(2));
        oldest = OptionalLong.of(now.toNanos());
        pass(Duration.ofSeconds(3));
        Start anew = Start.newBuilder().setAnew(true).setAgeMillis(3_000).build();
        assertThat(start()).isEqualTo(anew);

        progress.gap(link, 1);
        progress.closed(link);
        assertThat(start().getReceivedList())
                .as("what is counted begins anew")
                .containsExactly(Received.newBuilder().setLane(1).setGaps(1).build());
    }

    @Test
    void ofARunThatWasNeverLinkedNotBeforeTheFirstAppStreamCame() {
        pass(Duration.ofHours(6));
        oldest = OptionalLong.of(now.toNanos());
        pass(Duration.ofSeconds(3));
        assertThat(age()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void whatWasSaidIntoADeadLinkMayNotHaveGotThere() {
        assertThat(progress.knewUntil(link)).isEqualTo(now.toNanos());
        age();
        pass(Duration.ofMinutes(5));
        link.silence = Duration.ofSeconds(90);
        progress.closed(link);
        pass(Duration.ofSeconds(2));
        assertThat(progress.knewUntil(link)).isEqualTo(now.minusSeconds(92).toNanos());
    }

    @Test
    void withWhatCameSinceTheTrafficControllerStartedIfThatIsLess() {
        pass(Duration.ofSeconds(2));
        age();
        progress.closed(link);
        pass(Duration.ofSeconds(1));
        assertThat(age()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void behindWhatArrivedOnEachLane() {
        Start first = start();
        assertThat(first.getReceivedList()).isEmpty();
        progress.received(link, 1, 1_000);
        progress.gap(link, 1);
        progress.closed(link);
        assertThat(start().getReceivedList())
                .containsExactly(Received.newBuilder()
                        .setLane(1)
                        .setPosition(1_000)
                        .setGaps(1)
                        .build());
    }
}
