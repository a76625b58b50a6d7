package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.counter;
import static io.loggregator.stream.dispatch.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.loggregator.stream.dispatch.RecordingOutlet.Handed;
import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Groups whose members have names: each gets its share of every range, and a slow one waits alone. */
class LaneSharesTest extends LaneFixture {
    private static final GroupKey KEY = key("x", Selection.ALL);

    private final RecordingOutlet slow = new RecordingOutlet();
    private final Port slowPort = lane.open(slow, GRACE, IN_GRACE);

    private Member join(long id, String name) {
        return join(lane, port, id, name);
    }

    private static Member join(Lane lane, Port port, long id, String name) {
        return lane.join(port, id, Joining.shared(KEY, WIDE, NOTHING_OLD).named(name));
    }

    /** Numbers of what a member was handed, in order. */
    private static List<Long> of(long member, List<Handed> handed) {
        return handed.stream()
                .filter(one -> one.member() == member)
                .flatMap(one -> one.numbers().stream())
                .toList();
    }

    private static List<Long> upTo(long end) {
        return LongStream.range(0, end).boxed().toList();
    }

    // ---- who gets what -----------------------------------------------------------------------------------------

    @Test
    void membersGetEverythingBetweenThemAndNothingTwice() {
        join(1, "c");
        join(2, "a");
        join(3, "b");
        acceptLogs(100, 40);
        lane.pump();
        pumpEach(100, 40);
        List<Handed> handed = outlet.handed();
        assertThat(handed.stream().flatMap(one -> one.numbers().stream()))
                .containsExactlyInAnyOrderElementsOf(upTo(200));
        assertThat(List.of(of(1, handed), of(2, handed), of(3, handed)))
                .allSatisfy(numbers -> assertThat(numbers).isSorted().hasSizeBetween(30, 110));
        assertThat(ledger(KEY).accepted()).isEqualTo(200);
        assertThat(lane.pending(KEY)).isEqualTo(200);
    }

    @Test
    void sharesAreInTheOrderOfNamesAndThenOfIds() {
        join(7, "b");
        join(1, "b");
        join(3, "a");
        acceptLogs(100, 40);
        lane.pump();
        assertThat(outlet.handed())
                .extracting(Handed::member, Handed::share)
                .containsExactlyInAnyOrder(
                        tuple(3L, new Share(0, 3)), tuple(1L, new Share(1, 3)), tuple(7L, new Share(2, 3)));
    }

    @Test
    void oneNameIsEnoughAndNoneSortsFirst() {
        join(1, "a");
        join(2, "");
        acceptLogs(100, 40);
        lane.pump();
        assertThat(outlet.handed())
                .extracting(Handed::member, Handed::share)
                .containsExactlyInAnyOrder(tuple(2L, new Share(0, 2)), tuple(1L, new Share(1, 2)));
    }

    @Test
    void whoIsAloneInAGroupGetsEverything() {
        join(1, "a");
        acceptLogs(10, 40);
        lane.pump();
        assertThat(outlet.handed()).containsExactly(new Handed(1, Share.ALL, upTo(10)));
    }

    @Test
    void metricsOfOneNameGoToTheMemberOfOneNameAtEveryLane() {
        RecordingOutlet elsewhere = new RecordingOutlet();
        Lane other = new Lane(new MemoryLog(16 << 10));
        Port there = other.open(elsewhere, GRACE, IN_GRACE);
        for (long id = 1; id <= 3; id++) {
            join(id, "nozzle-" + id);
            // At another lane, perhaps of another Doppler, they came in another order.
            join(other, there, 4 - id, "nozzle-" + (4 - id));
        }
        Set<Long> chosen = new HashSet<>();
        for (int name = 0; name < 20; name++) {
            for (int i = 0; i < 5; i++) {
                accept(counter(i, "app-" + i, "name-" + name));
                lane.pump();
                Envelopes.accept(other, List.of(counter(100 + i, "router", "name-" + name)), now);
                other.pump();
            }
            Set<Long> members = members(outlet);
            assertThat(members).hasSize(1).isEqualTo(members(elsewhere));
            chosen.addAll(members);
        }
        assertThat(chosen).containsExactlyInAnyOrder(1L, 2L, 3L);
    }

    private static Set<Long> members(RecordingOutlet outlet) {
        return outlet.handed().stream().map(Handed::member).collect(Collectors.toSet());
    }

    @Test
    void whoHasNothingInARangeIsSentNothing() {
        join(1, "a");
        join(2, "b");
        accept(counter(0, "app"));
        lane.pump();
        assertThat(onlyBatch().deliveries()).hasSize(1);
        assertThat(lane.pending(KEY)).isEqualTo(1);
    }

    @Test
    void ofWhatIsSelectedMembersGetTheirShares() {
        GroupKey logs = key("y", Selection.LOGS);
        for (long id = 1; id <= 2; id++) {
            lane.join(port, id, Joining.shared(logs, WIDE, NOTHING_OLD).named("nozzle-" + id));
        }
        for (int i = 0; i < 40; i += 2) {
            accept(log(i, "app"), counter(i + 1, "app"));
        }
        lane.pump();
        assertThat(outlet.handed().stream().flatMap(one -> one.numbers().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        upTo(40).stream().filter(number -> number % 2 == 0).toList());
        assertThat(ledger(logs).accepted()).isEqualTo(20);
    }

    // ---- coming and going --------------------------------------------------------------------------------------

    @Test
    void newRangesAreDividedAmongThoseWhoAreThereThen() {
        join(1, "a");
        pumpEach(10, 40);
        assertThat(of(1, outlet.handed())).isEqualTo(upTo(10));
        Member second = join(2, "b");
        acceptLogs(50, 40);
        lane.pump();
        assertThat(outlet.handed()).extracting(one -> one.share().count()).containsExactly(2, 2);
        lane.confirm(second, Long.MAX_VALUE);
        lane.leave(second, now);
        acceptLogs(5, 40);
        lane.pump();
        assertThat(outlet.handed()).containsExactly(new Handed(1, Share.ALL, List.of(60L, 61L, 62L, 63L, 64L)));
    }

    @Test
    void whatALeavingMemberDidNotConfirmComesToOthersAsTheShareThatItWas() {
        join(1, "a");
        Member second = join(2, "b");
        acceptLogs(50, 40);
        lane.pump();
        List<Handed> first = outlet.handed();
        lane.leave(second, now);
        while (lane.pump()) {}
        assertThat(outlet.handed()).containsExactly(new Handed(1, new Share(1, 2), of(2, first)));
        assertThat(ledger(KEY).redelivered()).isEqualTo(of(2, first).size());
        assertThat(lane.pending(KEY)).isEqualTo(50);
    }

    // ---- slow members ------------------------------------------------------------------------------------------

    @Test
    void whatASlowMemberHasNoRoomForWaitsForItAloneAndComesBeforeWhatIsNewer() {
        Member quick = join(1, "a");
        Member late = join(lane, slowPort, 2, "b");
        slow.block();
        pumpEach(20, 40);
        lane.confirm(quick, Long.MAX_VALUE);
        List<Long> delivered = new ArrayList<>(of(1, outlet.handed()));
        assertThat(delivered).isNotEmpty().isSorted();
        assertThat(slow.handed()).isEmpty();
        assertThat(lane.isDrained()).isFalse();
        slow.unblock();
        acceptLogs(20, 40);
        while (lane.pump()) {}
        List<Long> lately = of(2, slow.handed());
        assertThat(lately).isSorted();
        delivered.addAll(of(1, outlet.handed()));
        delivered.addAll(lately);
        assertThat(delivered).containsExactlyInAnyOrderElementsOf(upTo(40));
        lane.confirm(quick, Long.MAX_VALUE);
        lane.confirm(late, Long.MAX_VALUE);
        assertThat(ledger(KEY).delivered()).isEqualTo(40);
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void aFullWindowHoldsBackTheOwnShareOnly() {
        join(1, "a");
        Member narrow = lane.join(port, 2, Joining.shared(KEY, 1, NOTHING_OLD).named("b"));
        pumpEach(40, 40);
        List<Handed> handed = outlet.handed();
        assertThat(of(2, handed)).hasSize(1);
        assertThat(of(1, handed)).hasSizeGreaterThan(8);
        List<Long> lately = new ArrayList<>(of(2, handed));
        for (int i = 1; i <= 40; i++) {
            lane.confirm(narrow, i);
            while (lane.pump()) {}
            lately.addAll(of(2, outlet.handed()));
        }
        assertThat(lately).isSorted();
        lately.addAll(of(1, handed));
        assertThat(lately).containsExactlyInAnyOrderElementsOf(upTo(40));
    }

    @Test
    void whatWaitsForAMemberThatLeavesComesToTheOthers() {
        join(1, "a");
        Member late = join(lane, slowPort, 2, "b");
        slow.block();
        pumpEach(20, 40);
        List<Long> delivered = new ArrayList<>(of(1, outlet.handed()));
        lane.leave(late, now);
        while (lane.pump()) {}
        List<Handed> rest = outlet.handed();
        assertThat(rest).isNotEmpty().allMatch(one -> one.share().equals(new Share(1, 2)));
        delivered.addAll(of(1, rest));
        assertThat(delivered).containsExactlyInAnyOrderElementsOf(upTo(20));
        // It had not been sent to anybody.
        assertThat(ledger(KEY).redelivered()).isZero();
    }

    @Test
    void whatTheLogOverwritesOfOneMembersIsToldToThatMember() {
        Member quick = join(1, "a");
        join(lane, slowPort, 2, "b");
        slow.block();
        for (int i = 0; i < 400; i++) {
            pumpEach(1, 100);
            lane.confirm(quick, Long.MAX_VALUE);
        }
        slow.unblock();
        while (lane.pump()) {}
        int quickly = of(1, outlet.handed()).size();
        assertThat(outlet.take()).noneMatch(MemberGap.class::isInstance);
        List<Message> late = slow.take();
        MemberGap told = (MemberGap) late.get(0);
        assertThat(told.member()).isEqualTo(2);
        assertThat(told.gap().reason()).isEqualTo(Gap.LAPPED);
        assertThat(told.gap().count()).isPositive().isEqualTo(ledger(KEY).lapped());
        assertThat(late.subList(1, late.size())).noneMatch(MemberGap.class::isInstance);
        assertThat(quickly + told.gap().count() + of(2, slow.handed()).size()).isEqualTo(400);
        assertThat(ledger(KEY).delivered()).isEqualTo(quickly);
    }

    @Test
    void whereNobodyHasRoomTheGroupWaits() {
        Member first = join(1, "a");
        Member second = join(2, "b");
        lane.window(first, 0);
        lane.window(second, 0);
        pumpEach(20, 40);
        assertThat(outlet.handed()).isEmpty();
        assertThat(lane.pending(KEY)).isEqualTo(20);
        lane.window(first, WIDE);
        lane.window(second, WIDE);
        while (lane.pump()) {}
        assertThat(outlet.handed().stream().flatMap(one -> one.numbers().stream()))
                .containsExactlyInAnyOrderElementsOf(upTo(20));
    }
}
