package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.counter;
import static io.loggregator.stream.dispatch.Envelopes.error;
import static io.loggregator.stream.dispatch.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Groups of firehose clients: who gets what, and what becomes of what nobody confirmed. */
class LaneTest extends LaneFixture {
    // ---- at the head -------------------------------------------------------------------------------------------

    @Test
    void aBatchCrossesALinkOnceForAllWhoWaitBehindIt() {
        join(1, key("x", Selection.ALL));
        join(2, key("y", Selection.LOGS));
        join(3, key("z", Selection.METRICS));
        lane.follow(port, "app");
        lane.startTails(port, lane.head());
        accept(log(0, "app"), counter(1, "router"), error(2, "app"));
        lane.pump();
        assertThat(outlet.take())
                .containsExactly(new Batch(
                        memory.head(), read(log(0, "app"), counter(1, "router"), error(2, "app")), all(1, 1, 3), true));
    }

    @Test
    void whatArrivedTogetherLeavesTogether() {
        join(1, key("x", Selection.ALL));
        accept(log(0, "app"));
        accept(log(1, "app"));
        assertThat(outlet.take()).isEmpty();
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L, 1L);
    }

    @Test
    void aLinkGetsOnlyWhatTheFiltersOfItsMembersLetPass() {
        GroupKey logs = key("x", Selection.LOGS);
        join(1, logs);
        RecordingOutlet other = new RecordingOutlet();
        GroupKey metrics = key("y", Selection.METRICS);
        lane.join(lane.open(other, GRACE, IN_GRACE), 1, metrics, WIDE, NOTHING_OLD);
        accept(log(0, "app"), counter(1, "router"), error(2, "app"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L);
        assertThat(other.batches().get(0).numbers()).containsExactly(1L, 2L);
        assertThat(ledger(logs).accepted()).isEqualTo(1);
        assertThat(ledger(metrics).accepted()).isEqualTo(2);
    }

    @Test
    void nothingCrossesWhenNothingPasses() {
        join(1, key("x", Selection.LOGS));
        accept(counter(0, "router"));
        lane.pump();
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void membersOfAGroupTakeTurns() {
        GroupKey key = key("x", Selection.ALL);
        join(1, key);
        join(2, key);
        join(3, key);
        for (int i = 0; i < 6; i++) {
            acceptLogs(1, 10);
            lane.pump();
        }
        assertThat(outlet.batches().stream().map(Batch::deliveries))
                .containsExactly(
                        all(1, 1), Map.of(2L, 1L), Map.of(3L, 1L), Map.of(1L, 2L), Map.of(2L, 2L), Map.of(3L, 2L));
    }

    @Test
    void groupsDoNotShare() {
        join(1, key("x", Selection.ALL));
        join(2, key("y", Selection.ALL));
        join(3, new GroupKey("v2", "x", Selection.ALL));
        acceptLogs(1, 10);
        lane.pump();
        assertThat(onlyBatch().deliveries()).containsOnlyKeys(1L, 2L, 3L);
    }

    // ---- windows and slow members ------------------------------------------------------------------------------

    @Test
    void aWindowBoundsWhatIsOutUnconfirmed() {
        GroupKey key = key("x", Selection.ALL);
        Member member = join(1, key, 250);
        pumpEach(4, 100);
        assertThat(numbers()).containsExactly(0L, 1L);
        lane.confirm(member, 1);
        lane.pump();
        assertThat(ledger(key).delivered()).isEqualTo(1);
        assertThat(numbers()).containsExactly(2L);
        lane.confirm(member, 3);
        lane.pump();
        assertThat(numbers()).containsExactly(3L);
    }

    @Test
    void eachTimeThatAWindowIsUsedUpCountsOnce() {
        Member member = join(1, key("x", Selection.ALL), 430);
        pumpEach(4, 100);
        assertThat(lane.counters().windowsFull()).isZero();
        pumpEach(3, 100);
        assertThat(lane.counters().windowsFull()).isEqualTo(1);
        lane.confirm(member, 1);
        lane.pump();
        assertThat(lane.counters().windowsFull()).isEqualTo(1);
        lane.confirm(member, 4);
        pumpEach(1, 100);
        assertThat(lane.counters().windowsFull()).isEqualTo(1);
        pumpEach(1, 100);
        assertThat(lane.counters().windowsFull()).isEqualTo(2);
    }

    @Test
    void aWindowThatIsClosedIsNotFullNorIsOneWhoseLinkTakesNothing() {
        Member member = join(1, key("x", Selection.ALL), 150);
        outlet.block();
        pumpEach(3, 100);
        assertThat(lane.counters().windowsFull()).isZero();
        lane.window(member, 0);
        outlet.unblock();
        lane.pump();
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.counters().windowsFull()).isZero();
    }

    @Test
    void aMemberWithASmallWindowGetsOneThingAtATime() {
        Member member = join(1, key("x", Selection.ALL), 1);
        pumpEach(2, 100);
        assertThat(numbers()).containsExactly(0L);
        lane.confirm(member, 1);
        lane.pump();
        assertThat(numbers()).containsExactly(1L);
    }

    @Test
    void aMemberWithAClosedWindowGetsNothing() {
        Member member = join(1, key("x", Selection.ALL));
        pumpEach(1, 100);
        lane.window(member, 0);
        pumpEach(1, 100);
        lane.confirm(member, 1);
        lane.pump();
        assertThat(numbers()).containsExactly(0L);
        join(2, key("x", Selection.ALL));
        lane.pump();
        assertThat(numbers()).containsExactly(1L);
    }

    @Test
    void aWiderWindowLetsMoreThrough() {
        Member member = join(1, key("x", Selection.ALL), 1);
        pumpEach(3, 100);
        assertThat(numbers()).containsExactly(0L);
        lane.window(member, WIDE);
        lane.pump();
        assertThat(numbers()).containsExactly(1L, 2L);
    }

    @Test
    void aSlowMemberSlowsNobody() {
        GroupKey key = key("x", Selection.ALL);
        RecordingOutlet slow = new RecordingOutlet();
        lane.join(lane.open(slow, GRACE, IN_GRACE), 1, key, WIDE, NOTHING_OLD);
        join(2, key);
        slow.block();
        pumpEach(5, 100);
        assertThat(numbers()).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(slow.take()).isEmpty();
    }

    @Test
    void aConfirmationBeyondWhatWasSentConfirmsWhatWasSent() {
        GroupKey key = key("x", Selection.ALL);
        Member member = join(1, key);
        acceptLogs(3, 10);
        lane.pump();
        lane.confirm(member, Long.MIN_VALUE);
        assertThat(ledger(key).delivered()).isZero();
        lane.confirm(member, Long.MAX_VALUE);
        lane.confirm(member, Long.MAX_VALUE);
        assertThat(ledger(key).delivered()).isEqualTo(3);
        acceptLogs(1, 10);
        lane.pump();
        assertThat(lane.pending(key)).isEqualTo(1);
    }

    @Test
    void aGroupThatFellBehindCatchesUpInOrderOnceTheLinkTakesMore() {
        join(1, key("x", Selection.ALL));
        outlet.block();
        pumpEach(5, 100);
        assertThat(lane.isDrained()).isFalse();
        outlet.unblock();
        acceptLogs(1, 100);
        while (lane.pump()) {}
        assertThat(numbers()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(lane.counters().catchUpBytes()).isEqualTo(memory.head());
        acceptLogs(1, 100);
        lane.pump();
        assertThat(lane.counters().catchUpBytes()).isLessThan(memory.head());
    }

    @Test
    void groupsThatFellBehindTakeTurnsOnALinkThatTakesLittle() {
        join(1, key("x", Selection.ALL));
        join(2, key("y", Selection.ALL));
        join(3, key("z", Selection.ALL));
        outlet.block();
        pumpEach(60, 100);
        List<Long> served = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            outlet.room(1);
            lane.pump();
            outlet.batches().forEach(batch -> served.addAll(batch.deliveries().keySet()));
        }
        assertThat(served).hasSize(6).containsOnly(1L, 2L, 3L);
        assertThat(served.subList(0, 3)).doesNotHaveDuplicates();
        assertThat(served.subList(3, 6)).isEqualTo(served.subList(0, 3));
    }

    // ---- leaving -----------------------------------------------------------------------------------------------

    @Test
    void whatAMemberDidNotConfirmGoesToAnother() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        pumpEach(3, 100);
        lane.confirm(first, 1);
        outlet.take();
        join(2, key);
        lane.leave(first, now);
        lane.pump();
        assertThat(outlet.batches())
                .extracting(Batch::numbers, Batch::deliveries)
                .containsExactly(tuple(List.of(1L), Map.of(2L, 1L)), tuple(List.of(2L), Map.of(2L, 2L)));
        assertThat(ledger(key).redelivered()).isEqualTo(2);
        assertThat(ledger(key).delivered()).isEqualTo(1);
        assertThat(lane.pending(key)).isEqualTo(2);
    }

    @Test
    void whatCameBackFromSeveralIsHandedOutOldestFirst() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        Member second = join(2, key);
        pumpEach(4, 100);
        outlet.take();
        join(3, key);
        lane.leave(second, now);
        lane.leave(first, now);
        lane.pump();
        assertThat(numbers()).containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void aMemberThatLeftConfirmsNothing() {
        GroupKey key = key("x", Selection.ALL);
        Member member = join(1, key);
        acceptLogs(1, 10);
        lane.pump();
        lane.leave(member, now);
        lane.confirm(member, 1);
        assertThat(ledger(key).delivered()).isZero();
        assertThat(lane.pending(key)).isEqualTo(1);
    }

    @Test
    void aLinkThatClosesGivesEverythingBack() {
        GroupKey key = key("x", Selection.ALL);
        join(1, key);
        join(2, key);
        pumpEach(2, 100);
        RecordingOutlet other = new RecordingOutlet();
        lane.join(lane.open(other, GRACE, IN_GRACE), 7, key, WIDE, NOTHING_OLD);
        lane.close(port, now);
        outlet.take();
        acceptLogs(1, 100);
        while (lane.pump()) {}
        assertThat(outlet.take()).isEmpty();
        assertThat(other.batches().stream().flatMap(batch -> batch.numbers().stream()))
                .containsExactly(0L, 1L, 2L);
    }

    // ---- loss --------------------------------------------------------------------------------------------------

    @Test
    void aLappedGroupIsToldWhereTheGapIs() {
        GroupKey key = key("x", Selection.ALL);
        join(1, key);
        pumpEach(1, 100);
        outlet.block();
        pumpEach(400, 100);
        outlet.unblock();
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        assertThat(((Batch) messages.get(0)).numbers()).containsExactly(0L);
        MemberGap told = (MemberGap) messages.get(1);
        assertThat(told.member()).isEqualTo(1);
        assertThat(told.sequence()).isEqualTo(2);
        assertThat(told.gap().reason()).isEqualTo(Gap.LAPPED);
        assertThat(told.gap().count()).isPositive().isEqualTo(ledger(key).lapped());
        List<Long> after = numbers(messages.subList(2, messages.size()));
        assertThat(after.get(0)).isEqualTo(1 + told.gap().count());
        assertThat(after.get(after.size() - 1)).isEqualTo(400);
    }

    @Test
    void aGroupThatIsLappedAtTheHeadHearsOfTheGapBeforeWhatFollows() {
        GroupKey key = key("x", Selection.ALL);
        join(1, key);
        outlet.block();
        pumpEach(1, 100);
        acceptLogs(1, 20_000);
        outlet.unblock();
        while (lane.pump()) {}
        assertThat(outlet.take()).hasSize(2).first().isInstanceOf(MemberGap.class);
    }

    @Test
    void aFilteredGroupMissesOnlyWhatItWanted() {
        GroupKey key = key("x", Selection.METRICS);
        join(1, key);
        outlet.block();
        pumpEach(300, 100);
        accept(counter(accepted++, "router"));
        lane.pump();
        outlet.unblock();
        while (lane.pump()) {}
        assertThat(numbers()).containsExactly(300L);
        assertThat(ledger(key).dropped()).isZero();
    }

    @Test
    void aGapAfterWhichNothingComesIsToldAtOnce() {
        GroupKey key = key("x", Selection.METRICS);
        Member member = join(1, key, 0);
        accept(counter(accepted++, "router"));
        pumpEach(300, 100);
        assertThat(ledger(key).dropped()).isEqualTo(1);
        lane.window(member, WIDE);
        while (lane.pump()) {}
        assertThat(outlet.take())
                .singleElement()
                .isInstanceOfSatisfying(
                        MemberGap.class, told -> assertThat(told.gap().count()).isEqualTo(1));
    }

    @Test
    void aGapWhoseReceiverLeftIsToldToTheNext() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key, 1);
        outlet.block();
        pumpEach(400, 100);
        outlet.unblock();
        lane.pump();
        Gap gap = ((MemberGap) outlet.take().get(0)).gap();
        lane.leave(first, now);
        join(2, key);
        while (lane.pump()) {}
        assertThat(outlet.take().get(0)).isEqualTo(new MemberGap(2, 1, gap));
        assertThat(ledger(key).retold()).isEqualTo(gap.count());
        assertThat(gap.count()).isEqualTo(ledger(key).dropped());
    }

    @Test
    void whatComesBackTooLateIsCountedAsUnconfirmed() {
        GroupKey key = key("x", Selection.ALL);
        Member first = join(1, key);
        Member second = join(2, key);
        pumpEach(400, 20);
        lane.confirm(second, Long.MAX_VALUE);
        long gone = memory.envelopesBefore(memory.tail());
        outlet.take();
        lane.leave(first, now);
        while (lane.pump()) {}
        assertThat(gone).isPositive();
        assertThat(ledger(key).unconfirmed()).isEqualTo((gone + 1) / 2);
        assertThat(lane.counters().unconfirmed()).isEqualTo((gone + 1) / 2);
        MemberGap told = (MemberGap) outlet.take().get(0);
        assertThat(told.member()).isEqualTo(2);
        assertThat(told.gap().reason()).isEqualTo(Gap.UNCONFIRMED);
        assertThat(told.gap().count()).isEqualTo((gone + 1) / 2);
    }

    @Test
    void aMemberThatConfirmsNothingIsNotToldOfGapsWithoutEnd() {
        GroupKey key = key("x", Selection.ALL);
        join(1, key, 1_000);
        int messages = 0;
        for (int i = 0; i < 20_000; i++) {
            acceptLogs(1, 200);
            while (lane.pump()) {}
            messages += outlet.take().size();
        }
        assertThat(messages).isLessThan(40);
        assertThat(ledger(key).lapped()).isGreaterThan(19_000);
    }
}
