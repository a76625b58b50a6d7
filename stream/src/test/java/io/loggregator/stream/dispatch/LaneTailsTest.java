package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.counter;
import static io.loggregator.stream.dispatch.Envelopes.error;
import static io.loggregator.stream.dispatch.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.dispatch.RecordingOutlet.TailGap;
import io.loggregator.stream.log.MemoryLog;
import java.util.List;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;

/** The app tails behind a link: what they follow, where they start, what they are told when they were too slow. */
class LaneTailsTest {
    private final MemoryLog memory = new MemoryLog(16 << 10);
    private final Lane lane = new Lane(memory);
    private final RecordingOutlet outlet = new RecordingOutlet();
    private final Port port = lane.open(outlet, 0, 0);
    private long now = 1_000_000;
    private long accepted;

    @Test
    void aTailGetsTheSourcesThatItFollows() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        lane.follow(port, "c");
        pump(log(0, "a"), log(1, "b"), counter(2, "c"), log(3, "ab"), error(4, "a"));
        Batch batch = only();
        assertThat(batch.numbers()).containsExactly(0L, 2L, 4L);
        assertThat(batch.tails()).isTrue();
        assertThat(batch.deliveries()).isEmpty();
        assertThat(batch.end()).isEqualTo(memory.head());
    }

    @Test
    void nothingCrossesTheLinkForSourcesThatNobodyFollows() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        pump(log(0, "b"));
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void aSourceIsFollowedFromNowOnUntilItIsNot() {
        lane.startTails(port, lane.head());
        pump(log(0, "a"));
        lane.follow(port, "a");
        pump(log(1, "a"));
        lane.unfollow(port, "a");
        lane.unfollow(port, "a");
        pump(log(2, "a"));
        assertThat(numbers()).containsExactly(1L);
    }

    @Test
    void severalLinksFollowOneSource() {
        RecordingOutlet other = new RecordingOutlet();
        Port second = lane.open(other, 0, 0);
        for (Port each : List.of(port, second)) {
            lane.startTails(each, lane.head());
            lane.follow(each, "a");
        }
        pump(log(0, "a"));
        lane.unfollow(port, "a");
        pump(log(1, "a"));
        assertThat(numbers()).containsExactly(0L);
        assertThat(numbers(other.take())).containsExactly(0L, 1L);
    }

    @Test
    void thePlatformIsEverythingButLogs() {
        lane.startTails(port, lane.head());
        lane.followPlatform(port, true);
        pump(log(0, "router"), counter(1, "router"), error(2, "a"));
        lane.followPlatform(port, false);
        pump(counter(3, "router"));
        assertThat(numbers()).containsExactly(1L, 2L);
    }

    @Test
    void tailsAreServedOnlyOnceStarted() {
        lane.follow(port, "a");
        pump(log(0, "a"));
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.isDrained()).isTrue();
        lane.startTails(port, lane.head());
        pump(log(1, "a"));
        assertThat(numbers()).containsExactly(1L);
    }

    @Test
    void tailsMayStartInThePast() {
        lane.follow(port, "a");
        pump(log(0, "a"));
        long from = lane.head();
        pump(log(1, "a"));
        pump(log(2, "a"));
        lane.startTails(port, from);
        pump();
        assertThat(numbers()).containsExactly(1L, 2L);
    }

    @Test
    void tailsThatStartBeforeTheLogAreToldThatSomethingIsLost() {
        lane.follow(port, "a");
        flood("a", 300);
        for (long from : new long[] {0, -1, Long.MIN_VALUE}) {
            lane.startTails(port, from);
            pump();
            List<Message> messages = outlet.take();
            assertThat(messages.get(0)).isEqualTo(new TailGap(null, new Gap(0, 0, 0, Gap.LINK_DOWN)));
            assertThat(numbers(messages.subList(1, messages.size())))
                    .startsWith(memory.envelopesBefore(memory.tail()))
                    .endsWith(299L);
        }
    }

    @Test
    void tailsThatStartAtATimeAreToldOnlyIfSomethingFromThenOnMayBeGone() {
        lane.follow(port, "a");
        long begun = now;
        pump(log(0, "a"));
        assertThat(lane.tailsFrom(begun - 1)).isZero();
        now += 100;
        flood("a", 300);
        now += 100;
        pump(log(300, "a"));
        assertThat(lane.tailsFrom(begun)).as("the flood has taken it").isNegative();
        assertThat(lane.tailsFrom(begun + 99)).isNegative();
        assertThat(lane.tailsFrom(begun + 100))
                .as("other parts of it came in the same millisecond")
                .isNegative();
        assertThat(lane.tailsFrom(begun + 101)).isEqualTo(lane.tailsFrom(now));
    }

    @Test
    void tailsThatStartBeyondTheHeadStartAtTheHead() {
        lane.follow(port, "a");
        pump(log(0, "a"));
        lane.startTails(port, Long.MAX_VALUE);
        pump(log(1, "a"));
        assertThat(numbers()).containsExactly(1L);
    }

    /** A position comes over the link; a wrong one must not stop the lane. */
    @Test
    void tailsThatStartInTheMiddleOfABatchAreToldThatSomethingIsLost() {
        lane.follow(port, "a");
        pump(log(0, "a"));
        pump(log(1, "a"));
        lane.startTails(port, lane.head() - 3);
        pump(log(2, "a"));
        List<Message> messages = outlet.take();
        assertThat(messages.get(0)).isEqualTo(new TailGap(null, new Gap(0, 0, 0, Gap.LINK_DOWN)));
        assertThat(numbers(messages.subList(1, messages.size()))).endsWith(2L);
    }

    @Test
    void tailsThatFellBehindCatchUpInOrder() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        outlet.block();
        pump(log(0, "a"), log(1, "b"));
        pump(log(2, "a"));
        assertThat(lane.isDrained()).isFalse();
        outlet.unblock();
        pump(log(3, "a"));
        assertThat(numbers()).containsExactly(0L, 2L, 3L);
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void lappedTailsAreToldForEachSourceHowMuch() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        lane.follow(port, "b");
        lane.followPlatform(port, true);
        outlet.block();
        for (int i = 0; i < 100; i++) {
            pump(
                    log(accepted++, "a", 200),
                    log(accepted++, "b", 100),
                    log(accepted++, "nobody", 100),
                    counter(accepted++, "b"),
                    counter(accepted++, "router"));
        }
        long rounds = memory.envelopesBefore(memory.tail()) / 5;
        outlet.unblock();
        pump();
        List<Message> messages = outlet.take();
        assertThat(messages.subList(0, 3))
                .extracting(
                        message -> ((TailGap) message).source(),
                        message -> ((TailGap) message).gap().count())
                .containsExactlyInAnyOrder(tuple("a", rounds), tuple("b", rounds * 2), tuple(Tails.PLATFORM, rounds));
        assertThat(numbers(messages.subList(3, messages.size()))).startsWith(rounds * 5);
        assertThat(lane.counters().lappedTails()).isEqualTo(rounds * 4);
    }

    @Test
    void tailsLappedAtTheHeadHearOfTheGapBeforeWhatFollows() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        outlet.block();
        pump(log(accepted++, "a"));
        accept(log(accepted++, "a", 20_000));
        outlet.unblock();
        pump();
        assertThat(outlet.take()).hasSize(2).first().isInstanceOf(TailGap.class);
    }

    @Test
    void aLaneIsNotDrainedBeforeEveryGapIsTold() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        outlet.block();
        pump(log(accepted++, "a"));
        pump(log(accepted++, "other", 20_000));
        outlet.room(1);
        pump();
        assertThat(lane.isDrained()).isFalse();
        outlet.unblock();
        pump();
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void aLossDoesNotConcernWhoeverFollowsLater() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        outlet.block();
        flood("a", 300);
        lane.unfollow(port, "a");
        outlet.unblock();
        pump();
        lane.follow(port, "a");
        pump(log(accepted++, "a"));
        assertThat(numbers()).containsExactly(300L);
    }

    @Test
    void anUnknownLossDoesNotConcernWhoeverFollowsLater() {
        flood("a", 300);
        lane.follow(port, "a");
        lane.startTails(port, 0);
        lane.unfollow(port, "a");
        pump();
        lane.follow(port, "a");
        pump(log(accepted++, "a"));
        assertThat(numbers()).containsExactly(300L);
    }

    @Test
    void aClosedLinkFollowsNothing() {
        lane.startTails(port, lane.head());
        lane.follow(port, "a");
        lane.followPlatform(port, true);
        lane.close(port, 0);
        pump(log(0, "a"), counter(1, "router"));
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.isDrained()).isTrue();
    }

    private void accept(Envelope... envelopes) {
        Envelopes.accept(lane, List.of(envelopes), now);
    }

    private void pump(Envelope... envelopes) {
        if (envelopes.length > 0) {
            accept(envelopes);
        }
        while (lane.pump()) {}
    }

    private void flood(String source, int count) {
        IntStream.range(0, count).forEach(i -> pump(log(accepted++, source, 100)));
    }

    private Batch only() {
        List<Batch> batches = outlet.batches();
        assertThat(batches).hasSize(1);
        return batches.get(0);
    }

    private List<Long> numbers() {
        return numbers(outlet.take());
    }

    private static List<Long> numbers(List<Message> messages) {
        return messages.stream()
                .map(Batch.class::cast)
                .flatMap(batch -> batch.numbers().stream())
                .toList();
    }
}
