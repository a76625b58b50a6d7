package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.dispatch.RecordingOutlet.TailGap;
import io.loggregator.stream.log.MemoryLog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tails whose link breaks: how long they are kept, and when nobody knows what was lost. */
class LaneAbsentTailsTest {
    private static final long GRACE = 1_000;
    private static final TailGap UNKNOWN = new TailGap(null, new Gap(0, 0, 0, Gap.LINK_DOWN));

    private final MemoryLog memory = new MemoryLog(16 << 10);
    private final Lane lane = new Lane(memory);
    private final RecordingOutlet outlet = new RecordingOutlet();
    private long accepted;

    @Test
    void tailsOfAnotherNameGoOnWithNothing() {
        lane.lost(link("a", "app"), 0);
        flood("app", 300);
        resume("b", 0, "app");
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.counters().lappedTails()).isZero();
    }

    @Test
    void afterTheGraceNobodyKnowsWhatWasLost() {
        long received = lostWithALineOf("app");
        lane.expire(GRACE - 1);
        flood("app", 300);
        lane.expire(GRACE);
        outlet.take();
        resume("a", received, "app");
        assertThat(outlet.take()).first().isEqualTo(UNKNOWN);
        assertThat(lane.counters().unnumberedTails()).isEqualTo(1);
    }

    @Test
    void tailsThatStartAnewGetNothingThatThoseBeforeThemWereToGet() {
        lostWithALineOf("app");
        flood("app", 300);
        outlet.take();
        Port port = lane.open(outlet, "a", GRACE, 1);
        lane.follow(port, "app");
        lane.startTailsAnew(port, lane.head());
        while (lane.pump()) {}
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.counters().lappedTails()).isZero();
        flood("app", 1);
        assertThat(outlet.take()).hasSize(1);

        lane.lost(port, 0);
        resume("a", lane.head(), "app");
        assertThat(outlet.take()).as("and are gone on with themselves").isEmpty();
    }

    @Test
    void tailsThatEndAreNotKept() {
        Port port = link("a", "app");
        flood("app", 1);
        long received = lane.head();
        lane.close(port, 0);
        flood("app", 300);
        outlet.take();
        resume("a", received, "app");
        assertThat(outlet.take()).first().isEqualTo(UNKNOWN);
    }

    @Test
    void aSourceThatWasNotFollowedBeforeIsToldWithoutANumber() {
        long received = lostWithALineOf("app");
        flood("app", 300);
        outlet.take();
        resume("a", received, "app", "new");
        List<Message> messages = outlet.take();
        assertThat(messages)
                .filteredOn(TailGap.class::isInstance)
                .extracting(message -> ((TailGap) message).source())
                .containsExactlyInAnyOrder("app", "new");
        assertThat(messages).contains(new TailGap("new", new Gap(0, 0, 0, Gap.LINK_DOWN)));
    }

    /** Nothing of it was lost, however far the log has gone since. */
    @Test
    void aQuietSourceIsToldOfNothing() {
        long received = lostWithALineOf("quiet");
        flood("loud", 300);
        outlet.take();
        resume("a", received, "quiet");
        assertThat(outlet.take()).isEmpty();
        flood("quiet", 1);
        assertThat(outlet.take()).hasSize(1);
    }

    @Test
    void ofMoreThanCanBeNotedNobodyKnows() {
        Port port = link("a", "app");
        flood("app", 20_000);
        // Nothing of it is said to have arrived.
        lane.lost(port, 0);
        outlet.take();
        resume("a", 0, "app");
        assertThat(outlet.take()).first().isEqualTo(UNKNOWN);
    }

    @Test
    void onlyTheNewestAreKept() {
        for (int i = 0; i <= 100; i++) {
            lane.lost(link("name-" + i, "app"), 0);
        }
        flood("app", 300);
        outlet.take();
        resume("name-0", 1, "app");
        assertThat(outlet.take()).first().isEqualTo(UNKNOWN);
        resume("name-100", 1, "app");
        assertThat(outlet.take())
                .first()
                .isInstanceOfSatisfying(
                        TailGap.class, gap -> assertThat(gap.gap().count()).isPositive());
    }

    /** A link whose tails had a line of the source when it broke; returns up to where they had read. */
    private long lostWithALineOf(String source) {
        Port port = link("a", source);
        flood(source, 1);
        long received = lane.head();
        lane.lost(port, 0);
        return received;
    }

    private Port link(String name, String... sources) {
        Port port = lane.open(outlet, name, GRACE, 0);
        lane.startTails(port, lane.head());
        for (String source : sources) {
            lane.follow(port, source);
        }
        return port;
    }

    private void resume(String name, long received, String... sources) {
        Port port = lane.open(outlet, name, GRACE, 0);
        for (String source : sources) {
            lane.follow(port, source);
        }
        lane.resumeTails(port, received, 0, received > 0 ? received : lane.head());
        lane.pump();
    }

    private void flood(String source, int count) {
        for (int i = 0; i < count; i++) {
            Envelopes.accept(lane, List.of(log(accepted++, source, 100)), 0);
            lane.pump();
        }
    }
}
