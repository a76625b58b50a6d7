package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.TailGap;
import io.loggregator.stream.selection.Selection;
import org.junit.jupiter.api.Test;

/** What a lane does about readers that did not get everything before it had to stop. */
class LaneStopTest extends LaneFixture {
    private final GroupKey key = key("x", Selection.ALL);

    @Test
    void aMemberThatCouldNotTakeEverythingIsToldHowMuchItMisses() {
        Member member = join(1, key, 1);
        pumpEach(5, 100);
        outlet.take();
        lane.giveUp();

        assertThat(outlet.take()).singleElement().satisfies(message -> {
            MemberGap told = (MemberGap) message;
            assertThat(told.sequence()).isEqualTo(2);
            assertThat(told.gap()).isEqualTo(new Gap(4, now, now, Gap.STOPPED));
        });
        assertThat(ledger(key).stopped()).isEqualTo(4);
        assertThat(ledger(key).dropped()).isEqualTo(4);
        assertThat(lane.counters().stoppedGroups()).isEqualTo(4);
        assertThat(lane.remainders()).containsExactly(new Remainder(key, true, 4, 1));
        assertThat(lane.isDrained()).isFalse();

        lane.confirm(member, 1);
        assertThat(lane.isDrained()).as("the gap is not confirmed").isFalse();
        lane.confirm(member, 2);
        assertThat(lane.isDrained()).isTrue();
        assertThat(lane.remainders()).containsExactly(new Remainder(key, true, 4, 0));
        assertThat(ledger(key).accepted()).isEqualTo(5);
        assertThat(ledger(key).delivered()).isEqualTo(1);
    }

    @Test
    void aMemberWhoseLinkIsFullIsToldAllTheSame() {
        join(1, key);
        outlet.block();
        pumpEach(3, 100);
        lane.giveUp();
        assertThat(outlet.take()).containsExactly(new MemberGap(1, 1, new Gap(3, now, now, Gap.STOPPED)));
    }

    @Test
    void whatCameBackFromAMemberThatLeftCountsToo() {
        Member first = join(1, key);
        pumpEach(2, 100);
        lane.leave(first, now);
        pumpEach(1, 100);
        assertThat(lane.waitsForReaders(now)).isTrue();
        assertThat(lane.waitsForReaders(now + GRACE)).isFalse();
        outlet.take();

        lane.giveUp();
        while (lane.pump()) {}

        assertThat(outlet.take()).isEmpty();
        assertThat(lane.remainders()).containsExactly(new Remainder(key, false, 3, 0));
        assertThat(ledger(key).stopped()).isEqualTo(3);
        join(2, key);
        while (lane.pump()) {}
        assertThat(lane.pending(key)).isZero();
    }

    @Test
    void aLaneThatIsDrainedHasNothingToTell() {
        Member member = join(1, key);
        pumpEach(3, 100);
        lane.confirm(member, 3);
        outlet.take();
        assertThat(lane.waitsForReaders(now)).isFalse();
        lane.giveUp();
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.remainders()).isEmpty();
    }

    @Test
    void whatIsOutWhenAMemberLeavesAfterwardsIsUncertain() {
        Member member = join(1, key);
        pumpEach(3, 100);
        lane.giveUp();
        lane.leave(member, now);
        assertThat(ledger(key).unconfirmed()).isEqualTo(3);
        assertThat(lane.pending(key)).isZero();
    }

    @Test
    void whatTheLogOverwroteBeforeIsToldWithIt() {
        join(1, key, 1);
        pumpEach(1, 100);
        outlet.take();
        pumpEach(400, 100);
        long lapped = ledger(key).lapped();
        assertThat(lapped).isPositive();
        lane.giveUp();
        assertThat(((MemberGap) outlet.take().get(0)).gap().count()).isEqualTo(400);
        assertThat(ledger(key).stopped()).isEqualTo(400 - lapped);
    }

    @Test
    void tailsAreToldSourceBySource() {
        lane.startTails(port, lane.head());
        lane.follow(port, "app");
        outlet.block();
        pumpEach(3, 100);
        accept(Envelopes.log(9, "somebody else's"));
        lane.pump();
        lane.giveUp();
        assertThat(outlet.take()).containsExactly(new TailGap("app", new Gap(3, now, now, Gap.STOPPED)));
        assertThat(lane.counters().stoppedTails()).isEqualTo(3);
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void whatTailsWithoutALinkMissIsCountedAndWaitedFor() {
        Port named = lane.open(outlet, "a", GRACE, 0);
        lane.startTails(named, lane.head());
        lane.follow(named, "app");
        lane.lost(named, now);
        assertThat(lane.waitsForReaders(now)).isFalse();
        pumpEach(400, 100);
        accept(Envelopes.log(9, "somebody else's"));
        lane.pump();
        assertThat(lane.waitsForReaders(now)).isTrue();
        assertThat(lane.waitsForReaders(now + GRACE)).isFalse();
        outlet.take();

        lane.giveUp();

        assertThat(outlet.take()).isEmpty();
        assertThat(lane.counters().stoppedAbsentTails()).isEqualTo(400);
        assertThat(lane.counters().dropped()).isEqualTo(400);
    }

    @Test
    void whatWasSentToTailsWhoseLinkBrokeAndMayNotHaveArrivedIsWaitedFor() {
        Port named = lane.open(outlet, "a", GRACE, 0);
        lane.startTails(named, lane.head());
        lane.follow(named, "app");
        pumpEach(1, 100);
        lane.tailsReceived(named, lane.head(), 0);
        lane.lost(named, now);
        assertThat(lane.waitsForReaders(now)).isFalse();

        Port again = lane.open(outlet, "a", GRACE, 0);
        lane.follow(again, "app");
        lane.resumeTails(again, lane.head(), 0, lane.head());
        pumpEach(1, 100);
        lane.lost(again, now);
        assertThat(lane.waitsForReaders(now)).isTrue();
    }
}
