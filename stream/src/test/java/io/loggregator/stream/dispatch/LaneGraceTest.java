package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.selection.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How long a group outlives its last client, where a new one starts, and when a lane is drained. */
class LaneGraceTest extends LaneFixture {
    private static final Gap ABANDONED = new Gap(0, 0, 0, Gap.ABANDONED);

    @Test
    void aClientThatReturnsWithinTheGracePeriodContinuesWhereItWas() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        pumpEach(1, 100);
        lane.confirm(first, 1);
        pumpEach(1, 100);
        outlet.take();
        lane.leave(first, now);
        pumpEach(2, 100);
        lane.expire(now + GRACE - 1);
        join(2, key);
        while (lane.pump()) {}
        assertThat(numbers()).containsExactly(1L, 2L, 3L);
        assertThat(ledger(key).accepted()).isEqualTo(4);
    }

    @Test
    void aGroupThatNobodyReturnsToIsForgottenAndWhoComesLaterIsToldSo() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        pumpEach(2, 100);
        lane.leave(first, now);
        pumpEach(1, 100);
        lane.expire(now + GRACE);
        assertThat(lane.groups()).isZero();
        assertThat(lane.standings()).isEmpty();
        assertThat(lane.counters().abandoned()).isEqualTo(3);
        outlet.take();
        join(2, key);
        pumpEach(1, 100);
        assertThat(outlet.take())
                .satisfiesExactly(
                        gap -> assertThat(gap).isEqualTo(new MemberGap(2, 1, ABANDONED)),
                        batch -> assertThat(((Batch) batch).numbers()).containsExactly(3L));
    }

    @Test
    void whatPassedAfterAGroupWasForgottenIsToldToo() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        pumpEach(1, 100);
        lane.confirm(first, 1);
        lane.leave(first, now);
        lane.expire(now + GRACE);
        pumpEach(1, 100);
        outlet.take();
        join(2, key);
        while (lane.pump()) {}
        assertThat(outlet.take()).containsExactly(new MemberGap(2, 1, ABANDONED));
    }

    @Test
    void whoeverMissedNothingOfAForgottenGroupIsToldNothing() {
        GroupKey key = key("x", Selection.METRICS);
        forgotten(key, 1);
        pumpEach(2, 100);
        join(2, key);
        while (lane.pump()) {}
        assertThat(outlet.take()).isEmpty();
    }

    @Test
    void ofWhatIsNotWaitedForNobodyIsTold() {
        GroupKey key = key("x", Selection.ALL);
        RecordingOutlet reader = new RecordingOutlet();
        Port own = lane.open(reader, 0, IN_GRACE);
        Member first = lane.join(own, 1, Joining.shared(key, WIDE, NOTHING_OLD));
        pumpEach(1, 100);
        lane.leave(first, now);
        assertThat(ledger(key).forgotten()).isTrue();
        pumpEach(1, 100);
        reader.take();
        lane.join(own, 2, Joining.shared(key, WIDE, NOTHING_OLD));
        while (lane.pump()) {}
        assertThat(reader.take()).isEmpty();
    }

    @Test
    void whoeverMayHaveMissedSomethingThatTheLogNoLongerTellsIsTold() {
        GroupKey key = key("x", Selection.METRICS);
        forgotten(key, 0);
        while (memory.tail() == 0) {
            pumpEach(1, 1_000);
        }
        outlet.take();
        join(2, key);
        while (lane.pump()) {}
        assertThat(outlet.take()).containsExactly(new MemberGap(2, 1, ABANDONED));
    }

    @Test
    void aForgottenGroupIsToldOnce() {
        GroupKey key = key("x", Selection.ALL);
        forgotten(key, 2);
        Member second = join(2, key);
        while (lane.pump()) {}
        outlet.take();
        lane.confirm(second, 1);
        lane.leave(second, now);
        join(3, key);
        while (lane.pump()) {}
        assertThat(outlet.take()).isEmpty();
    }

    @Test
    void whoWasAMemberUntilItsLinkBrokeIsToldThatItMayMissSomethingOfAGroupThatIsForgotten() {
        GroupKey key = key("x", Selection.ALL);
        long left = forgotten(key, 2);
        pumpEach(1, 100);
        outlet.take();

        again(2, key, left);
        pumpEach(1, 100);

        assertThat(outlet.take())
                .satisfiesExactly(
                        gap -> assertThat(gap).isEqualTo(new MemberGap(2, 1, new Gap(0, 0, 0, Gap.LINK_DOWN))),
                        batch -> assertThat(((Batch) batch).numbers()).containsExactly(3L));
    }

    @Test
    void soItIsOfAGroupThatOthersHaveBegunAnewSince() {
        GroupKey key = key("x", Selection.ALL);
        long left = forgotten(key, 1);
        pumpEach(1, 100);
        join(2, key);
        while (lane.pump()) {}
        outlet.take();

        again(3, key, left);
        while (lane.pump()) {}

        assertThat(outlet.take()).containsExactly(new MemberGap(3, 1, new Gap(0, 0, 0, Gap.LINK_DOWN)));
    }

    @Test
    void ofAGroupThatHasWaitedNothingIsToldButWhatItHolds() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        pumpEach(1, 100);
        lane.confirm(first, 1);
        lane.leave(first, now);
        pumpEach(1, 100);
        outlet.take();

        again(2, key, now);
        while (lane.pump()) {}

        assertThat(numbers()).containsExactly(1L);
    }

    /** A group that was sent so many batches before its only client left; returns when that was. */
    private long forgotten(GroupKey key, int batches) {
        Member only = join(1, key);
        pumpEach(batches, 100);
        long left = now;
        lane.leave(only, left);
        now += GRACE;
        lane.expire(now);
        return left;
    }

    private void again(long id, GroupKey key, long left) {
        lane.join(port, id, Joining.shared(key, WIDE, NOTHING_OLD).again(left));
    }

    @Test
    void whatAForgottenGroupDidNotGetStandsInItsLedger() {
        GroupKey key = key("x", Selection.ALL);
        Member member = join(1, key);
        pumpEach(2, 100);
        lane.confirm(member, 1);
        lane.leave(member, now);
        pumpEach(1, 100);
        assertThat(ledger(key).forgotten()).isFalse();
        lane.expire(now + GRACE);
        assertThat(ledger(key).forgotten()).isTrue();
        assertThat(ledger(key).accepted()).isEqualTo(3);
        assertThat(ledger(key).delivered()).isEqualTo(1);
        assertThat(ledger(key).abandoned()).isEqualTo(2);
        assertThat(ledger(key).dropped()).isEqualTo(2);
        assertThat(ledger(key).lastLoss().reason()).isEqualTo("abandoned");
        pumpEach(1, 100);
        assertThat(ledger(key).accepted()).as("nobody's").isEqualTo(3);
    }

    @Test
    void aSubscriptionThatComesBackAfterItWasForgottenGoesOnWithItsLedger() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        pumpEach(2, 100);
        lane.leave(first, now);
        lane.expire(now + GRACE);
        GroupLedger before = ledger(key);
        Member second = join(2, key);
        pumpEach(1, 100);
        lane.confirm(second, 2);
        assertThat(ledger(key)).isSameAs(before);
        assertThat(before.forgotten()).isFalse();
        assertThat(before.accepted()).isEqualTo(3);
        assertThat(before.delivered()).isEqualTo(1);
        assertThat(before.abandoned()).isEqualTo(2);
        lane.leave(second, now);
        lane.expire(now + GRACE);
        assertThat(before.abandoned()).isEqualTo(2);
    }

    @Test
    void ledgersOfTheGroupsThatWereForgottenLastAreKept() {
        Port hasty = lane.open(outlet, 0, IN_GRACE);
        GroupKey stays = key("stays", Selection.ALL);
        lane.leave(lane.join(hasty, 1, stays, WIDE, NOTHING_OLD), now);
        lane.join(hasty, 2, stays, WIDE, NOTHING_OLD);
        for (int i = 0; i <= Groups.LEDGERS_KEPT; i++) {
            lane.leave(lane.join(hasty, 10 + i, key("x" + i, Selection.ALL), WIDE, NOTHING_OLD), now);
        }
        assertThat(lane.ledgers())
                .hasSize(Groups.LEDGERS_KEPT + 1)
                .containsKeys(stays, key("x1", Selection.ALL))
                .doesNotContainKey(key("x0", Selection.ALL));
    }

    @Test
    void withoutAGracePeriodAGroupEndsWithItsLastMember() {
        Port hasty = lane.open(outlet, 0, IN_GRACE);
        Member only = lane.join(hasty, 1, key("x", Selection.ALL), WIDE, NOTHING_OLD);
        lane.leave(only, now);
        assertThat(lane.groups()).isZero();
    }

    @Test
    void aGracePeriodMayBeAsLongAsCanBe() {
        Port patient = lane.open(outlet, Long.MAX_VALUE, IN_GRACE);
        Member only = lane.join(patient, 1, key("x", Selection.ALL), WIDE, NOTHING_OLD);
        lane.leave(only, now);
        lane.expire(now + GRACE);
        assertThat(lane.groups()).isEqualTo(1);
    }

    @Test
    void ofTooManyGroupsInGraceTheOneThatWouldExpireFirstGoes() {
        for (int i = 0; i < 4; i++) {
            Member member = join(i, key("x" + i, Selection.ALL));
            lane.leave(member, now + i);
        }
        assertThat(lane.standings())
                .extracting(GroupStanding::key)
                .containsExactlyInAnyOrder(key("x2", Selection.ALL), key("x3", Selection.ALL));
        assertThat(lane.counters().groupsTooMany()).isEqualTo(2);
        assertThat(lane.counters().expiredGroups()).isZero();
        lane.expire(now + 10 * GRACE);
        assertThat(lane.counters().expiredGroups()).isEqualTo(2);
    }

    @Test
    void aNewGroupMayStartInThePast() {
        for (int i = 0; i < 5; i++) {
            now += 1_000;
            pumpEach(1, 100);
        }
        GroupKey key = key("x", Selection.ALL);
        lane.join(port, 1, key, WIDE, now - 2_000);
        while (lane.pump()) {}
        assertThat(numbers()).containsExactly(2L, 3L, 4L);
        assertThat(ledger(key).accepted()).isEqualTo(3);
        lane.join(port, 2, key("y", Selection.ALL), WIDE, Long.MIN_VALUE);
        while (lane.pump()) {}
        assertThat(numbers()).containsExactly(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void aNewGroupIsToldIfTheLogMayNoLongerHoldAllSinceItsClientCame() {
        long begun = now;
        for (int i = 0; i < 400; i++) {
            now += 100;
            pumpEach(1, 100);
        }
        long oldest = memory.arrivalAt(memory.tail());
        assertThat(oldest).isGreaterThan(begun + 100);

        Joining moved = Joining.shared(key("moved", Selection.ALL), WIDE, oldest - 4_999);
        lane.join(port, 1, moved.needing(oldest + 1));
        while (lane.pump()) {}
        assertThat(numbers(outlet.take())).as("nothing but what may be had").endsWith(399L);

        Joining before = Joining.shared(key("came before", Selection.ALL), WIDE, oldest - 4_999);
        lane.join(port, 2, before.needing(oldest));
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        assertThat(messages.get(0)).isEqualTo(new MemberGap(2, 1, new Gap(0, 0, 0, Gap.LAPPED)));
        assertThat(numbers(messages.subList(1, messages.size()))).endsWith(399L);
    }

    @Test
    void aLaneIsDrainedWhenItsMembersConfirmedEverything() {
        Member member = join(1, key("x", Selection.ALL));
        assertThat(lane.isDrained()).isTrue();
        acceptLogs(1, 10);
        assertThat(lane.isDrained()).isFalse();
        lane.pump();
        assertThat(lane.isDrained()).isFalse();
        lane.confirm(member, 1);
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void aGroupInGraceDoesNotKeepALaneFromBeingDrained() {
        Member member = join(1, key("x", Selection.ALL));
        lane.leave(member, now);
        acceptLogs(1, 10);
        lane.pump();
        assertThat(lane.isDrained()).isTrue();
    }
}
