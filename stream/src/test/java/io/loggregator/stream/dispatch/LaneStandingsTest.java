package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.counter;
import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.LastLoss;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Selector;
import io.loggregator.wire.BatchCursor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where groups stand, as operators are told. */
class LaneStandingsTest extends LaneFixture {
    private static final GroupKey KEY = key("x", Selection.ALL);

    private GroupStanding only() {
        List<GroupStanding> standings = lane.standings();
        assertThat(standings).hasSize(1);
        return standings.get(0);
    }

    private void adds(GroupStanding standing) {
        GroupLedger ledger = standing.ledger();
        assertThat(standing.pendingCounted()).isTrue();
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered() + ledger.dropped() + standing.pending());
    }

    @Test
    void aGroupThatHasHadEverythingIsAtTheHead() {
        Member member = join(1, KEY);
        join(2, KEY);
        pumpEach(1, 100);

        GroupStanding sent = only();
        assertThat(sent.key()).isEqualTo(KEY);
        assertThat(sent.members()).isEqualTo(2);
        assertThat(sent.pending()).isEqualTo(1);
        assertThat(sent.behindBytes()).isZero();
        assertThat(sent.oldestMillis()).isZero();
        assertThat(lane.lags(now)).containsExactly(new GroupLag(KEY, false, 0, 0));
        assertThat(sent.ledger().lastLoss()).isNull();
        adds(sent);

        lane.confirm(member, 1);
        assertThat(only().pending()).isZero();
        adds(only());
    }

    @Test
    void aGroupWhoseLinkIsFullIsBehindSinceTheOldestBatchThatItHasNot() {
        join(1, KEY);
        pumpEach(1, 100);
        outlet.block();
        now = 2_000_000;
        long before = memory.head();
        pumpEach(1, 100);
        now = 3_000_000;
        pumpEach(1, 100);

        assertThat(only().behindBytes()).isEqualTo(memory.head() - before);
        assertThat(only().oldestMillis()).isEqualTo(2_000_000);
        assertThat(lane.lags(now)).containsExactly(new GroupLag(KEY, false, memory.head() - before, 1_000_000));
        assertThat(only().pending()).isEqualTo(3);
        adds(only());
    }

    @Test
    void whatCameBackFromAMemberThatLeftIsBehindToo() {
        Member member = join(1, KEY);
        pumpEach(2, 100);
        lane.leave(member, now);

        assertThat(only().members()).isZero();
        assertThat(only().behindBytes()).isEqualTo(memory.head());
        assertThat(only().oldestMillis()).isEqualTo(now);
        adds(only());
    }

    @Test
    void theLastLossIsTold() {
        join(1, KEY);
        outlet.block();
        long begun = System.currentTimeMillis();
        pumpEach(400, 100);

        LastLoss loss = only().ledger().lastLoss();
        assertThat(loss.reason()).isEqualTo(Gap.LAPPED);
        assertThat(loss.count()).isPositive().isLessThanOrEqualTo(ledger(KEY).lapped());
        // The two clocks are rounded apart.
        assertThat(loss.firstMillis()).isBetween(begun - 1, loss.lastMillis());
        adds(only());
    }

    @Test
    void whatSelectorsLeavePendingIsCountedWhereThatMeansLittleWalkingOnly() {
        Lane wide = new Lane(new MemoryLog(4 << 20));
        RecordingOutlet blocked = new RecordingOutlet();
        blocked.block();
        Selector counters = new Selector("", BatchCursor.COUNTER, List.of());
        GroupKey selecting = new GroupKey("v2", "x", Selection.of(List.of(counters), true));
        wide.join(wide.open(blocked, GRACE, IN_GRACE), 1, selecting, WIDE, NOTHING_OLD);

        Envelopes.accept(wide, List.of(counter(0, "router", "requests")), now);
        wide.pump();
        assertThat(wide.standings().get(0).pendingCounted()).isTrue();
        assertThat(wide.standings().get(0).pending()).isEqualTo(1);

        for (int i = 0; i < 100; i++) {
            Envelopes.accept(wide, List.of(Envelopes.log(i, "app", 10_000), counter(i, "router", "requests")), now);
            wide.pump();
        }
        assertThat(wide.standings().get(0).pendingCounted()).isFalse();
        assertThat(wide.standings().get(0).pending()).isEqualTo(101);
    }
}
