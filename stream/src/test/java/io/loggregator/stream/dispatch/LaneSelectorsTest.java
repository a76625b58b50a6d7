package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.counter;
import static io.loggregator.stream.dispatch.Envelopes.event;
import static io.loggregator.stream.dispatch.Envelopes.gauge;
import static io.loggregator.stream.dispatch.Envelopes.log;
import static io.loggregator.stream.dispatch.Envelopes.timer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.wire.BatchCursor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Groups that select by source, kind and name: what crosses the link for them, how often it counts, what they lose. */
class LaneSelectorsTest extends LaneFixture {
    private static final Selector LOGS = new Selector("", BatchCursor.LOG, List.of());
    private static final Selector LOGS_OF_APP = new Selector("app", BatchCursor.LOG, List.of());
    private static final Selector COUNTERS = new Selector("", BatchCursor.COUNTER, List.of());
    private static final Selector REQUESTS = new Selector("", BatchCursor.COUNTER, List.of("requests"));

    private static GroupKey selecting(String subscription, Selector... selectors) {
        return new GroupKey("v2", subscription, Selection.of(List.of(selectors), true));
    }

    @Test
    void whatSomeSelectorTakesCrossesAndNothingElse() {
        GroupKey key = selecting(
                "x",
                LOGS_OF_APP,
                REQUESTS,
                new Selector("cell", BatchCursor.GAUGE, List.of("cpu", "memory")),
                new Selector("router", BatchCursor.TIMER, List.of()),
                new Selector("", BatchCursor.EVENT, List.of()));
        join(1, key);
        accept(
                log(0, "app"),
                log(1, "other"),
                counter(2, "router", "requests"),
                counter(3, "router", "errors"),
                gauge(4, "cell", "memory", "cpu"),
                gauge(5, "cell", "cpu"),
                gauge(6, "cell", "cpu", "memory", "disk"),
                gauge(7, "other", "cpu", "memory"),
                timer(8, "router"),
                timer(9, "app"),
                event(10, "director"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L, 2L, 4L, 8L, 10L);
        assertThat(ledger(key).accepted()).isEqualTo(5);
    }

    @Test
    void anEnvelopeThatTwoSelectorsTakeCrossesOnceAndCountsTwice() {
        GroupKey key = selecting("x", LOGS, LOGS_OF_APP);
        Member member = join(1, key);
        accept(log(0, "app"), log(1, "other"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L, 1L);
        assertThat(ledger(key).accepted()).isEqualTo(3);
        assertThat(lane.pending(key)).isEqualTo(3);
        lane.confirm(member, 1);
        assertThat(ledger(key).delivered()).isEqualTo(3);
        assertThat(lane.isDrained()).isTrue();
    }

    @Test
    void equalSelectorsCountOnceWhereClientsShareAndEachWhereOneIsAlone() {
        GroupKey shared = new GroupKey("v2", "x", Selection.of(List.of(LOGS, LOGS), true));
        GroupKey own = new GroupKey("v2", "y", Selection.of(List.of(LOGS, LOGS), false));
        join(1, shared);
        lane.join(port, 2, Joining.alone(own, WIDE, NOTHING_OLD));
        accept(log(0, "app"));
        lane.pump();
        assertThat(onlyBatch().deliveries()).isEqualTo(all(1, 1, 2));
        assertThat(ledger(shared).accepted()).isEqualTo(1);
        assertThat(ledger(own).accepted()).isEqualTo(2);
    }

    @Test
    void theOrderInWhichSelectorsAreToldMakesNoOtherGroup() {
        join(1, selecting("x", LOGS, COUNTERS));
        join(2, selecting("x", COUNTERS, LOGS));
        assertThat(lane.groups()).isEqualTo(1);
        join(3, selecting("x", LOGS));
        assertThat(lane.groups()).isEqualTo(2);
    }

    @Test
    void aLinkGetsWhatAnyOfItsGroupsSelectsOnceAndIsToldWhoFindsSomethingInIt() {
        join(1, selecting("x", LOGS));
        join(2, selecting("y", LOGS_OF_APP, COUNTERS));
        join(3, selecting("z", new Selector("nobody", BatchCursor.LOG, List.of())));
        accept(log(0, "app"), timer(1, "app"), counter(2, "app"), log(3, "other"));
        lane.pump();
        Batch batch = onlyBatch();
        assertThat(batch.numbers()).containsExactly(0L, 2L, 3L);
        assertThat(batch.deliveries()).isEqualTo(all(1, 1, 2));
    }

    @Test
    void eachLinkGetsWhatItsOwnGroupsSelect() {
        RecordingOutlet other = new RecordingOutlet();
        join(1, selecting("x", LOGS_OF_APP));
        lane.join(lane.open(other, GRACE, IN_GRACE), 1, selecting("y", COUNTERS), WIDE, NOTHING_OLD);
        accept(log(0, "app"), counter(1, "app"), log(2, "other"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L);
        assertThat(other.batches()).extracting(Batch::numbers).containsExactly(List.of(1L));
    }

    @Test
    void whoGoesByClassesAndWhoTailsGetTheirsBesideThem() {
        join(1, selecting("x", REQUESTS));
        join(2, key("y", Selection.LOGS));
        lane.follow(port, "router");
        lane.startTails(port, lane.head());
        accept(counter(0, "app"), timer(1, "router"), log(2, "app"), timer(3, "app"), counter(4, "router", "errors"));
        lane.pump();
        Batch batch = onlyBatch();
        assertThat(batch.numbers()).containsExactly(0L, 1L, 2L, 4L);
        assertThat(batch.deliveries()).isEqualTo(all(1, 1, 2));
        assertThat(batch.tails()).isTrue();
    }

    @Test
    void onlyWhatIsSelectedCountsAgainstAWindow() {
        GroupKey key = selecting("x", COUNTERS);
        join(1, key, 100);
        accept(log(0, "app", 5_000), counter(1, "app"));
        lane.pump();
        accept(log(2, "app", 5_000), counter(3, "app"));
        lane.pump();
        assertThat(numbers()).containsExactly(1L, 3L);
        accept(counter(4, "a-source-id-of-the-length-that-app-guids-have"), log(5, "app", 5_000));
        accept(counter(6, "a-source-id-of-the-length-that-app-guids-have"));
        lane.pump();
        assertThat(outlet.take()).isEmpty();
        assertThat(lane.pending(key)).isEqualTo(4);
    }

    @Test
    void aGroupThatFellBehindCatchesUpWithWhatItSelects() {
        GroupKey key = selecting("x", REQUESTS);
        join(1, key);
        outlet.block();
        for (int i = 0; i < 40; i += 2) {
            accept(counter(i, "router"), log(i + 1, "app"));
            lane.pump();
        }
        outlet.unblock();
        while (lane.pump()) {}
        assertThat(numbers()).hasSize(20).isSorted().allMatch(number -> number % 2 == 0);
        assertThat(ledger(key).accepted()).isEqualTo(20);
    }

    @Test
    void aNewGroupThatStartsInThePastGetsWhatItSelectsOfIt() {
        accept(log(0, "app"), counter(1, "app"));
        lane.pump();
        lane.join(port, 1, selecting("x", COUNTERS), WIDE, Long.MIN_VALUE);
        while (lane.pump()) {}
        assertThat(numbers()).containsExactly(1L);
    }

    @Test
    void whatAGroupLosesIsCountedBySelectorEachGroupForItself() {
        GroupKey both = selecting("x", LOGS, LOGS_OF_APP);
        GroupKey rare = selecting("y", COUNTERS);
        GroupKey never = selecting("z", new Selector("", BatchCursor.EVENT, List.of()));
        join(1, both);
        join(2, rare);
        join(3, never);
        outlet.block();
        for (int i = 0; i < 400; i++) {
            accept(log(i, i % 2 == 0 ? "app" : "other", 100));
            if (i % 10 == 0) {
                accept(counter(i, "router"));
            }
            lane.pump();
        }
        outlet.unblock();
        while (lane.pump()) {}
        List<Message> messages = outlet.take();
        assertThat(messages.stream().filter(MemberGap.class::isInstance).map(MemberGap.class::cast))
                .extracting(MemberGap::member, gap -> gap.gap().count())
                .containsExactlyInAnyOrder(
                        tuple(1L, ledger(both).lapped()), tuple(2L, ledger(rare).lapped()));
        assertThat(ledger(both).accepted()).isEqualTo(600);
        assertThat(ledger(rare).accepted()).isEqualTo(40);
        assertThat(ledger(rare).lapped()).isPositive();
        assertThat(ledger(never).dropped()).isZero();
    }

    @Test
    void nothingCrossesForAGroupThatIsForgotten() {
        Member member = join(1, selecting("x", LOGS_OF_APP));
        join(2, selecting("y", COUNTERS));
        lane.leave(member, now);
        lane.expire(now + GRACE);
        accept(log(0, "app"), counter(1, "app"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(1L);
    }

    @Test
    void groupsWithTheSameSelectorsEndOneByOne() {
        Member member = join(1, selecting("x", LOGS_OF_APP));
        join(2, selecting("y", LOGS_OF_APP));
        lane.leave(member, now);
        lane.expire(now + GRACE);
        accept(log(0, "app"), log(1, "other"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L);
    }

    @Test
    void oneOfManySelectorsIsEnough() {
        Selector[] selectors = new Selector[1_000];
        for (int i = 0; i < selectors.length; i++) {
            selectors[i] = new Selector("app-" + i, BatchCursor.LOG, List.of());
        }
        GroupKey key = selecting("x", selectors);
        join(1, key);
        accept(log(0, "app-999"), log(1, "app-1000"), counter(2, "app-1"), log(3, "app-0"));
        lane.pump();
        assertThat(onlyBatch().numbers()).containsExactly(0L, 3L);
        assertThat(ledger(key).accepted()).isEqualTo(2);
    }
}
