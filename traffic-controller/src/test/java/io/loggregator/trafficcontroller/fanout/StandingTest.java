package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a reader is told of where it stands, after Dopplers have come and gone. */
class StandingTest {
    /** As far as a log gets in years, so that a place takes as many bytes as it ever does. */
    private static final long FAR = 1L << 55;

    private static final int MORE_THAN_IS_TOLD = 600;

    private final Standing standing =
            Standing.of(new Subscription("v2", "", Selection.ALL, Refinement.NONE, "", ""), new ClientCounters());
    private long mark;

    @Test
    void lanesOfDopplersThatLiveAreToldHoweverManyRunsHaveComeAndGone() {
        FakeRun live = new FakeRun("live");
        delivered(live, 0);
        delivered(live, 1);
        for (int i = 0; i < MORE_THAN_IS_TOLD; i++) {
            FakeRun gone = new FakeRun("gone " + i);
            delivered(gone, 0);
            gone.open = false;
        }
        assertThat(told()).hasSizeBetween(100, MORE_THAN_IS_TOLD - 1).contains(place(live, 0), place(live, 1));
    }

    @Test
    void ofRunsThatAreGoneThoseAreToldThatBroughtSomethingLast() {
        List<FakeRun> gone = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_IS_TOLD; i++) {
            gone.add(new FakeRun("gone " + i));
            delivered(gone.get(i), 0);
        }
        FakeRun last = gone.get(0);
        delivered(last, 0);
        gone.forEach(run -> run.open = false);
        assertThat(told())
                .contains(place(last, 0), place(gone.get(MORE_THAN_IS_TOLD - 1), 0))
                .doesNotContain(place(gone.get(1), 0));
    }

    @Test
    void asManyLanesAreToldAsThereIsRoomFor() {
        FakeRun large = new FakeRun("large");
        for (int lane = 0; lane < 250; lane++) {
            deliver(large, lane, 1L << 40);
        }
        assertThat(told()).hasSize(250);
    }

    @Test
    void whoGoesOnHasNothingFromOtherLanesIfAllHadRoom() {
        FakeRun run = new FakeRun("run");
        delivered(run, 0);
        Standing next = goingOn(standing);
        assertThat(next.isComplete()).isTrue();
        assertThat(next.received(run)).extracting(Place::lane).containsExactly(0);
    }

    @Test
    void whoGoesOnWhereNotAllHadRoomNamesOnlyLanesWhoseCountsItKnows() {
        FakeRun large = new FakeRun("large");
        for (int lane = 0; lane < MORE_THAN_IS_TOLD; lane++) {
            delivered(large, lane);
        }
        Standing next = goingOn(standing);
        assertThat(next.isComplete()).isFalse();
        int lane = 0;
        next.at(large, lane).received(FAR, 1);
        assertThat(next.received(large))
                .as("lane 0 had no room, and what it counted before is unknown")
                .isNotEmpty()
                .extracting(Place::lane)
                .doesNotContain(lane);
    }

    @Test
    void aRunThatIsToldToBeLostIsNamedIfItComesBackAndNotToldAgain() {
        FakeRun run = new FakeRun("run");
        delivered(run, 0);
        Standing elsewhere = goingOn(standing);
        assertThat(elsewhere.loseUnknown()).isTrue();
        assertThat(elsewhere.loseUnknown()).isFalse();
        Standing next = goingOn(elsewhere);
        assertThat(next.loseUnknown()).as("told by the one before").isFalse();
        assertThat(next.isAt(run.epoch())).isFalse();
        assertThat(next.received(run)).singleElement().returns(FAR, Place::receivedPosition);
        assertThat(next.isAt(run.epoch())).isTrue();
    }

    @Test
    void aRunThatIsBackWhenItsLossIsHeardOfIsNotLost() {
        FakeRun run = new FakeRun("run");
        delivered(run, 0);
        standing.toldOf(run.epoch());
        assertThat(goingOn(standing).loseUnknown())
                .as("the next reader is to be told if it is lost then")
                .isTrue();
    }

    @Test
    void runsThatAreGoneNeedNoRoom() {
        FakeRun live = new FakeRun("live");
        delivered(live, 0);
        for (int i = 0; i < MORE_THAN_IS_TOLD; i++) {
            FakeRun gone = new FakeRun("gone " + i);
            delivered(gone, 0);
            gone.open = false;
        }
        assertThat(goingOn(standing).isComplete()).isTrue();
    }

    @Test
    void whatWasToldInTheFutureByTheClockHereMayHaveBeenLongAgo() {
        long ahead = System.currentTimeMillis() + 3_600_000;
        String id = new ResumeToken(ResumeToken.newName(), ahead, ahead, true, List.of()).text(0);
        Standing next =
                Standing.of(new Subscription("v2", "", Selection.ALL, Refinement.NONE, "", id), new ClientCounters());
        assertThat(next.age()).as("nothing old is given").isLessThan(Duration.ofMinutes(1));
        assertThat(next.neededFor(1)).isGreaterThan(86_400_000);
    }

    @Test
    void whatIsNeededIsWhatCameSinceTheReaderWasLastTold() {
        assertThat(standing.neededFor(17)).isEqualTo(17);
        Standing next = goingOn(standing);
        assertThat(next.neededFor(3_600_000)).isLessThan(60_000);
    }

    private static Standing goingOn(Standing earlier) {
        return Standing.of(
                new Subscription("v2", "", Selection.ALL, Refinement.NONE, "", earlier.position()),
                new ClientCounters());
    }

    private List<String> told() {
        return ResumeToken.read(standing.position()).orElseThrow().places().stream()
                .map(place -> place.run() + "/" + place.lane())
                .toList();
    }

    private static String place(FakeRun run, int lane) {
        return ResumeToken.run(run.epoch()) + "/" + lane;
    }

    private void delivered(FakeRun run, int lane) {
        deliver(run, lane, FAR);
    }

    private void deliver(FakeRun run, int lane, long end) {
        Place place = standing.at(run, lane);
        place.received(end, 1);
        Cut cut = new Cut(Unpooled.EMPTY_BUFFER, 1, 1, 0, 0);
        place.handedOver(Handover.of(run, place, 1, end, 1, cut), ++mark);
    }
}
