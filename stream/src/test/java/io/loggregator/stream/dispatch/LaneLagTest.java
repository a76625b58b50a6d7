package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.dispatch.RecordingOutlet.MemberGap;
import io.loggregator.stream.dispatch.RecordingOutlet.MemberLag;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Readers that fall behind, and are told so before they lose anything. */
class LaneLagTest {
    private static final GroupKey NOZZLE = new GroupKey("v1", "nozzle", Selection.ALL);
    private static final int KIB = 1_024;
    private static final int LOG = 1_024 * KIB;
    /** What the log keeps whole. */
    private static final int WHOLE = 768 * KIB;

    private static final long WIDE = 4L * LOG;

    private Lane lane = new Lane(MemoryLog.thinning(LOG));
    private final RecordingOutlet outlet = new RecordingOutlet();
    private Port port = lane.open(outlet, 30_000, 10);
    private long now = 1_000_000;
    private long number;
    private long sequence;

    /** One batch of a log after the other, one every millisecond, in all so many bytes. */
    private void accept(long bytes, int batch) {
        for (long left = bytes; left > 0; left -= batch) {
            Envelopes.accept(lane, List.of(Envelopes.log(number++, "app-" + number % 50, batch - 30)), now++);
            lane.pump();
        }
    }

    private void accept(long bytes) {
        accept(bytes, KIB);
    }

    private Member join(long id, long window) {
        return lane.join(port, id, NOZZLE, window, Long.MAX_VALUE);
    }

    private GroupLedger ledger() {
        return lane.ledgers().get(NOZZLE);
    }

    private void takeAll(Member member) {
        lane.window(member, WIDE);
        do {
            lane.pump();
            sequence += outlet.take().size();
            lane.confirm(member, sequence);
        } while (!lane.isDrained());
    }

    @Test
    void aReaderThatTakesNothingIsToldOnceBeforeItLosesAnything() {
        join(1, 0);
        accept(WHOLE / 2 - 64 * KIB);
        assertThat(outlet.lags()).isEmpty();
        accept(128 * KIB);

        assertThat(outlet.lags()).singleElement().satisfies(told -> {
            assertThat(told.member()).isEqualTo(1);
            assertThat(told.lag().bytes()).isBetween(WHOLE / 2L - 64 * KIB, WHOLE / 2L + 64 * KIB);
            assertThat(told.lag().limitBytes()).isBetween(WHOLE - 64L * KIB, (long) WHOLE);
            // A batch is a kibibyte and came in a millisecond.
            assertThat(told.lag().millis())
                    .isBetween(told.lag().bytes() / KIB - 2, told.lag().bytes() / KIB + 20);
        });
        assertThat(ledger().dropped()).isZero();
        assertThat(lane.counters().lagNotices()).isEqualTo(1);
        assertThat(lane.standings())
                .singleElement()
                .satisfies(it -> assertThat(it.lags()).isTrue());

        accept(2L * LOG);
        assertThat(ledger().dropped()).isPositive();
        assertThat(outlet.lags()).as("it knows").isEmpty();
    }

    @Test
    void oneThatHasCaughtUpIsToldAgainAndOneThatHasNotIsNot() {
        Member member = join(1, 0);
        accept(WHOLE / 2 + 64 * KIB);
        assertThat(outlet.lags()).hasSize(1);

        // A little better, and a little worse.
        lane.window(member, 64 * KIB);
        lane.pump();
        lane.window(member, 0);
        accept(128 * KIB);
        assertThat(outlet.lags()).isEmpty();

        takeAll(member);
        lane.window(member, 0);
        accept(WHOLE / 2 + 64 * KIB);
        assertThat(outlet.lags()).hasSize(1);
        assertThat(ledger().dropped()).isZero();
    }

    @Test
    void aReaderThatKeepsUpIsToldNothing() {
        Member member = join(1, WIDE);
        for (int i = 0; i < 64; i++) {
            accept(64 * KIB);
            takeAll(member);
        }
        assertThat(outlet.lags()).isEmpty();
        assertThat(lane.standings())
                .singleElement()
                .satisfies(it -> assertThat(it.lags()).isFalse());
    }

    @Test
    void aReaderThatWantsLittleOfMuchIsNotLateForTheRest() {
        lane.join(port, 1, new GroupKey("v1", "nozzle", Selection.METRICS), 0, Long.MAX_VALUE);
        accept(3L * LOG);
        assertThat(outlet.lags()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 4 * KIB, 600 * KIB, 2 * LOG})
    void whateverComesTheWordIsBeforeTheLoss(int batch) {
        join(1, 0);
        while (ledger().dropped() == 0) {
            assertThat(number).isLessThan(100_000);
            accept(batch, batch);
        }
        assertThat(outlet.lags()).hasSize(1);
    }

    @Test
    void alsoWhereOneTurnBringsMoreThanTheLogHolds() {
        Member member = join(1, 0);
        List<Envelope> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            lines.add(Envelopes.log(number++, "app", 64 * KIB));
        }
        for (Envelope line : lines) {
            Envelopes.accept(lane, List.of(line), now++);
        }
        assertThat(outlet.lags()).as("before the turn has ended").hasSize(1);
        lane.window(member, WIDE);
        while (lane.pump()) {
            // A turn goes so far only.
        }
        assertThat(outlet.messagesBeforeLags()).as("and before the gap").containsExactly(0);
        assertThat(outlet.take()).anyMatch(MemberGap.class::isInstance);
    }

    @Test
    void alsoOfALogThatDoesNotThin() {
        lane = new Lane(new MemoryLog(LOG));
        port = lane.open(outlet, 30_000, 10);
        join(1, 0);
        accept(LOG / 2 - 64 * KIB);
        assertThat(outlet.lags()).isEmpty();
        accept(128 * KIB);
        assertThat(outlet.lags()).hasSize(1);
    }

    @Test
    void allThatShareAStreamWhichLagsAreTold() {
        join(1, 0);
        join(2, 0);
        accept(WHOLE / 2 + 64 * KIB);
        assertThat(outlet.lags().stream().map(MemberLag::member)).containsExactlyInAnyOrder(1L, 2L);
    }

    @Test
    void ofThoseWithSharesOnlyTheOneThatIsLateIsTold() {
        Member fast = lane.join(port, 1, shared("a", WIDE));
        lane.join(port, 2, shared("b", 1));
        long taken = 0;
        for (int i = 0; i < WHOLE / 2 / KIB + 64; i++) {
            Envelopes.accept(lane, List.of(Envelopes.log(number++, "app", KIB - 30)), now++);
            lane.pump();
            lane.confirm(fast, ++taken);
        }
        assertThat(outlet.lags().stream().map(MemberLag::member)).containsExactly(2L);
    }

    private static Joining shared(String name, long window) {
        return new Joining(
                NOZZLE, window, Long.MAX_VALUE, Long.MAX_VALUE, name, false, null, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    @Test
    void aGroupWithoutMembersIsToldOfWhenOneComes() {
        Member first = join(1, 0);
        lane.leave(first, now);
        accept(WHOLE / 2 + 64 * KIB);
        assertThat(outlet.lags()).isEmpty();
        join(2, 0);
        accept(64 * KIB);
        assertThat(outlet.lags().stream().map(MemberLag::member)).containsExactly(2L);
    }
}
