package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.Batch;
import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.Message;
import io.loggregator.stream.dispatch.RecordingOutlet.TailGap;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.table.RecentCounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;

/** An app that floods, and readers that cannot take all of it: the flood is thinned, and nobody else pays. */
class LaneThinningTest {
    private static final int QUIET = 50;
    private static final GroupKey ALL = new GroupKey("v1", "nozzle", Selection.ALL);

    private static final int FLOOD = 99;

    private final Lane lane = new Lane(new MemoryLog(2 << 20, 512 << 10));
    private final RecordingOutlet outlet = new RecordingOutlet();
    private final Port port = lane.open(outlet, 30_000, 10);
    private final Map<Long, String> sources = new HashMap<>();
    private long number;
    private long now = 1_000_000;

    /** Batches of about 12 KB: of each hundred envelopes one is not of the app that floods. */
    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            List<Envelope> batch = new ArrayList<>();
            for (int line = 0; line < FLOOD; line++) {
                add(batch, Envelopes.log(number, "flood", 100));
            }
            int app = (int) (number / (FLOOD + 1)) % (QUIET + 1);
            add(batch, app == QUIET ? Envelopes.counter(number, "router") : quiet(app));
            now += 10;
            Envelopes.accept(lane, batch, now);
            lane.pump();
        }
    }

    private Envelope quiet(int app) {
        return Envelopes.log(number, "quiet-" + app, 100);
    }

    private void add(List<Envelope> batch, Envelope envelope) {
        sources.put(number++, envelope.getSourceId());
        batch.add(envelope);
    }

    private Set<Long> numbersOfOthers() {
        Set<Long> numbers = new HashSet<>();
        sources.forEach((name, source) -> {
            if (!source.equals("flood")) {
                numbers.add(name);
            }
        });
        return numbers;
    }

    private static List<Long> numbers(List<Message> messages) {
        return messages.stream()
                .filter(Batch.class::isInstance)
                .flatMap(message -> ((Batch) message).numbers().stream())
                .toList();
    }

    private static long told(List<Message> messages) {
        return messages.stream()
                .mapToLong(message -> message instanceof MemberGap lost
                        ? lost.gap().count()
                        : message instanceof TailGap lost ? lost.gap().count() : 0)
                .sum();
    }

    /** Takes and confirms everything that there is. */
    private List<Message> takeAll(Member member, long sequence) {
        List<Message> all = new ArrayList<>();
        do {
            lane.pump();
            all.addAll(outlet.take());
            lane.confirm(member, sequence + all.size());
        } while (!lane.isDrained());
        return all;
    }

    @Test
    void aReaderThatTakesATenthGetsEverythingOfTheQuiet() {
        Member member = lane.join(port, 1, ALL, 0, Long.MAX_VALUE);
        List<Message> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            rounds(40);
            lane.window(member, 46 << 10);
            lane.pump();
            all.addAll(outlet.take());
            lane.window(member, 0);
            lane.confirm(member, all.size());
        }
        lane.window(member, 1 << 20);
        all.addAll(takeAll(member, all.size()));
        List<Long> got = numbers(all);
        assertThat(got).isSorted().doesNotHaveDuplicates().containsAll(numbersOfOthers());
        GroupLedger ledger = lane.ledgers().get(ALL);
        assertThat(ledger.thinned()).isPositive().isEqualTo(told(all));
        assertThat(ledger.lapped()).isZero();
        assertThat(ledger.accepted()).isEqualTo(number).isEqualTo(ledger.delivered() + ledger.thinned());
        assertThat((long) got.size()).isEqualTo(ledger.delivered()).isGreaterThan(number / 20);
    }

    @Test
    void aReaderThatHasRoomForANoticeOnlyIsToldRightBeforeItsNextLines() {
        Member member = lane.join(port, 1, ALL, 16 << 10, Long.MAX_VALUE);
        rounds(1);
        assertThat(numbers(outlet.take())).hasSize(FLOOD + 1);
        for (int i = 0; i < 100; i++) {
            rounds(10);
        }
        lane.confirm(member, Long.MAX_VALUE);
        lane.pump();
        List<Message> all = outlet.take();
        assertThat(told(all)).isPositive();
        assertThat(lane.ledgers().get(ALL).dropped()).isGreaterThanOrEqualTo(told(all));
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) instanceof MemberGap) {
                assertThat(i + 1).as("lines after a notice").isLessThan(all.size());
                assertThat(all.get(i + 1)).isInstanceOf(Batch.class);
            }
        }
    }

    @Test
    void aNozzleThatComesBackWithinItsGraceFindsTheQuiet() {
        Member member = lane.join(port, 1, ALL, 1 << 20, Long.MAX_VALUE);
        lane.leave(member, now);
        rounds(500);
        Member back = lane.join(port, 2, ALL, 1 << 20, Long.MAX_VALUE);
        List<Message> all = takeAll(back, 0);
        assertThat(numbers(all)).containsAll(numbersOfOthers());
        assertThat((long) numbers(all).size()).isEqualTo(number - told(all));
    }

    @Test
    void theTailOfTheFloodIsToldWhatItLostAndQuietTailsLoseNothing() {
        lane.startTails(port, lane.head());
        lane.follow(port, "flood");
        lane.follow(port, "quiet-7");
        outlet.block();
        rounds(500);
        outlet.unblock();
        while (lane.pump()) {
            assertThat(lane.head()).isPositive();
        }
        List<Message> messages = outlet.take();
        assertThat(messages.get(0)).isInstanceOfSatisfying(TailGap.class, lost -> {
            assertThat(lost.source()).isEqualTo("flood");
            assertThat(lost.gap().reason()).isEqualTo(Gap.THINNED);
        });
        List<String> got = numbers(messages).stream().map(sources::get).toList();
        List<String> all = sources.values().stream().toList();
        assertThat(got)
                .filteredOn("quiet-7"::equals)
                .hasSameSizeAs(all.stream().filter("quiet-7"::equals).toList());
        assertThat(got).filteredOn("flood"::equals).hasSize((int) (500 * FLOOD - told(messages)));
        assertThat(lane.counters().thinnedTails()).isEqualTo(told(messages));
    }

    @Test
    void whoIsThinnedIsKnownForAWhile() {
        lane.join(port, 1, ALL, 0, Long.MAX_VALUE);
        rounds(500);
        assertThat(lane.thinnedLately(now)).containsOnlyKeys("flood");
        assertThat(lane.thinnedLately(now).get("flood")).isPositive();
        assertThat(lane.thinnedLately(now + RecentCounts.PERIOD_MILLIS)).containsOnlyKeys("flood");
        assertThat(lane.thinnedLately(now + 2 * RecentCounts.PERIOD_MILLIS)).isEmpty();
    }

    @Test
    void aReaderThatBeginsWhereTheLogHasBeenThinnedIsToldThatItDoesNotGetAll() {
        lane.join(port, 1, ALL, 0, Long.MAX_VALUE);
        rounds(500);
        GroupKey other = new GroupKey("v1", "late", Selection.ALL);
        lane.join(port, 2, other, 1 << 20, 1_000_000);
        lane.pump();
        assertThat(outlet.take().get(0)).isInstanceOfSatisfying(MemberGap.class, lost -> {
            assertThat(lost.member()).isEqualTo(2);
            assertThat(lost.gap().count()).isZero();
        });
    }
}
