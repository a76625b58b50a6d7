package io.loggregator.trafficcontroller.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.link.v1.ToDoppler;
import io.loggregator.stream.selection.Selection;
import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.buffer.Unpooled;
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
        Run live = new Run("live");
        delivered(live, 0);
        delivered(live, 1);
        for (int i = 0; i < MORE_THAN_IS_TOLD; i++) {
            Run gone = new Run("gone " + i);
            delivered(gone, 0);
            gone.open = false;
        }
        assertThat(told()).hasSizeBetween(100, MORE_THAN_IS_TOLD - 1).contains(place(live, 0), place(live, 1));
    }

    @Test
    void ofRunsThatAreGoneThoseAreToldThatBroughtSomethingLast() {
        List<Run> gone = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_IS_TOLD; i++) {
            gone.add(new Run("gone " + i));
            delivered(gone.get(i), 0);
        }
        Run last = gone.get(0);
        delivered(last, 0);
        gone.forEach(run -> run.open = false);
        assertThat(told())
                .contains(place(last, 0), place(gone.get(MORE_THAN_IS_TOLD - 1), 0))
                .doesNotContain(place(gone.get(1), 0));
    }

    @Test
    void asManyLanesAreToldAsThereIsRoomFor() {
        Run large = new Run("large");
        for (int lane = 0; lane < 250; lane++) {
            deliver(large, lane, 1L << 40);
        }
        assertThat(told()).hasSize(250);
    }

    private List<String> told() {
        return ResumeToken.read(standing.position()).orElseThrow().places().stream()
                .map(place -> place.run() + "/" + place.lane())
                .toList();
    }

    private static String place(Run run, int lane) {
        return ResumeToken.run(run.epoch()) + "/" + lane;
    }

    private void delivered(Run run, int lane) {
        deliver(run, lane, FAR);
    }

    private void deliver(Run run, int lane, long end) {
        Place place = standing.at(run, lane);
        place.received(end, 1);
        Cut cut = new Cut(Unpooled.EMPTY_BUFFER, 1, 1, 0, 0);
        place.handedOver(Handover.of(run, place, 1, end, 1, cut), ++mark);
    }

    /** A run of a Doppler that is linked, for now. */
    private static final class Run implements DopplerSession {
        private final String epoch;
        private boolean open = true;

        Run(String epoch) {
            this.epoch = epoch;
        }

        @Override
        public Kind kind() {
            return Kind.LINK;
        }

        @Override
        public String epoch() {
            return epoch;
        }

        @Override
        public int lanes() {
            return 1;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public String address() {
            return "127.0.0.1:1";
        }

        @Override
        public boolean selects() {
            return false;
        }

        @Override
        public void send(ToDoppler message) {}

        @Override
        public void confirm(long member, int lane, long sequence) {}
    }
}
