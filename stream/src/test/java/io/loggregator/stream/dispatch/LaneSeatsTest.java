package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which of the connections of a client with a group of its own reads, when several say that they do. */
class LaneSeatsTest extends AloneFixture {
    private static Joining readingSince(long millis) {
        return Joining.alone(KEY, WIDE, NOTHING_OLD).resuming(Resume.NOTHING).readingSince(millis);
    }

    @Test
    void aClientThatMovedIsNotRobbedByWhereItWasWhenThatLinkComesBack() {
        RecordingOutlet there = new RecordingOutlet();
        Port before = lane.open(new RecordingOutlet(), "before", GRACE, IN_GRACE);
        lane.join(before, 1, Joining.alone(KEY, WIDE, NOTHING_OLD).readingSince(now - 1));
        accept(2);
        lane.lost(before, now);
        Port after = lane.open(outlet, "after", GRACE, IN_GRACE);
        lane.join(
                after,
                1,
                Joining.alone(KEY, WIDE, NOTHING_OLD).resuming(before(2)).readingSince(now));
        Port back = lane.open(there, "before", GRACE, IN_GRACE);
        Member stale = lane.join(back, 1, again(before(2), now).readingSince(now - 1));
        accept(2);
        assertThat(comes()).containsExactly(2L, 3L);
        lane.confirm(stale, 1);
        lane.window(stale, WIDE);
        lane.leave(stale, now);
        accept(1);
        assertThat(comes()).containsExactly(4L);
        assertThat(there.take()).isEmpty();
        assertThat(there.moved()).as("who gets nothing is told so").containsExactly(1L);

        lane.lost(after, now);
        Port afterwards = lane.open(outlet, "after", GRACE, IN_GRACE);
        lane.join(afterwards, 1, again(before(5), now).readingSince(now));
        accept(1);
        assertThat(comes()).as("its own link came back").containsExactly(5L);
        assertThat(outlet.moved()).isEmpty();
    }

    @Test
    void aMemberThatJoinsAgainBeforeItsLinkIsKnownToBeGoneHasNotMoved() {
        RecordingOutlet halfOpen = new RecordingOutlet();
        lane.join(lane.open(halfOpen, "link", GRACE, IN_GRACE), 1, Joining.alone(KEY, WIDE, NOTHING_OLD));
        Port back = lane.open(outlet, "link", GRACE, IN_GRACE);
        lane.join(back, 1, again(null, now));
        assertThat(halfOpen.moved()).isEmpty();
        assertThat(outlet.moved()).isEmpty();
        lane.join(back, 2, Joining.alone(KEY, WIDE, NOTHING_OLD));
        assertThat(outlet.moved()).as("another connection of the same client").containsExactly(1L);
    }

    @Test
    void norIsItRobbedIfTheClockWhereItWasHasStoodStill() {
        RecordingOutlet there = new RecordingOutlet();
        Port before = lane.open(new RecordingOutlet(), "before", GRACE, IN_GRACE);
        lane.join(before, 1, readingSince(now - 1_000));
        accept(2);
        long left = now;
        now += 100;
        accept(1);
        lane.lost(before, now);
        lane.join(lane.open(outlet, "after", GRACE, IN_GRACE), 1, readingSince(now));
        lane.join(
                lane.open(there, "before", GRACE, IN_GRACE),
                1,
                readingSince(now + 60_000).again(left + 1));
        accept(1);
        assertThat(comes()).endsWith(3L);
        assertThat(there.moved()).containsExactly(1L);
    }

    @Test
    void aJoinThatComesLateByALinkBeforeTheOneThatTheMemberHasJoinedByChangesNothing() {
        RecordingOutlet halfOpen = new RecordingOutlet();
        Port first = lane.open(halfOpen, "link", GRACE, IN_GRACE);
        Port second = lane.open(outlet, "link", GRACE, IN_GRACE);
        lane.join(second, 1, readingSince(now));
        lane.join(first, 1, readingSince(now));
        lane.lost(first, now);
        accept(1);
        assertThat(comes()).containsExactly(0L);
        assertThat(halfOpen.moved()).isEmpty();
    }

    @Test
    void ofTwoConnectionsOfAClientTheLastReadsWhicheverIsLinkedFirst() {
        RecordingOutlet elsewhere = new RecordingOutlet();
        Port dead = lane.open(elsewhere, "dead", GRACE, IN_GRACE);
        Port live = lane.open(outlet, "live", GRACE, IN_GRACE);
        for (boolean deadFirst : new boolean[] {true, false}) {
            Member stale = null;
            if (deadFirst) {
                stale = lane.join(dead, 1, readingSince(now - 2_000));
            }
            Member reads = lane.join(live, 2, readingSince(now - 1_000));
            if (!deadFirst) {
                stale = lane.join(dead, 3, readingSince(now - 2_000));
            }
            accept(1);
            lane.leave(stale, now);
            accept(1);
            assertThat(comes()).hasSize(2);
            assertThat(elsewhere.take()).isEmpty();
            forget(reads);
        }
        assertThat(elsewhere.moved()).containsExactly(1L, 3L);
        assertThat(outlet.moved()).isEmpty();
    }

    @Test
    void soItIsOfTwoThatJoinAgainByOneLinkAfterTheGroupIsForgotten() {
        Port link = lane.open(outlet, "link", GRACE, IN_GRACE);
        long left = now - 10_000;
        lane.join(link, 3, readingSince(now - 40_000).again(left));
        lane.join(link, 5, readingSince(now - 20_000).again(left));
        accept(1);
        List<Message> messages = outlet.take();
        assertThat(((Batch) messages.get(messages.size() - 1)).deliveries()).containsOnlyKeys(5L);
        assertThat(outlet.moved()).containsExactly(3L);
    }
}
