package io.loggregator.stream.dispatch;

import static io.loggregator.stream.dispatch.Envelopes.counter;
import static io.loggregator.stream.dispatch.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;

import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Test;

/** Counting the newest part of a lane's log by source. */
class SourceWalkTest extends LaneFixture {
    private static final int EVERYTHING = 1 << 20;
    private static final int MANY = 100;
    private static final long NO_HURRY = Long.MAX_VALUE;

    private SourceWalk walk(long mostBytes, long since, int mostSources) {
        return lane.walkSources(mostBytes, since, now, mostSources);
    }

    private static void finish(SourceWalk walk) {
        while (walk.step(1, NO_HURRY)) {}
    }

    @Test
    void envelopesLinesAndBytesAreCountedBySource() {
        accept(log(0, "app"), counter(1, "app", "requests"), log(2, "app"), log(3, "other"));
        lane.pump();
        SourceWalk walk = walk(EVERYTHING, now - 1_000, MANY);
        assertThat(walk.step(EVERYTHING, NO_HURRY)).isFalse();

        SourceCount app = walk.sources().get("app");
        assertThat(app.envelopes()).isEqualTo(3);
        assertThat(app.lines()).isEqualTo(2);
        assertThat(app.bytes())
                .isEqualTo(EnvelopeBatch.newBuilder()
                        .addBatch(log(0, "app"))
                        .addBatch(counter(1, "app", "requests"))
                        .addBatch(log(2, "app"))
                        .build()
                        .getSerializedSize());
        assertThat(walk.sources().get("other").envelopes()).isEqualTo(1);
        assertThat(walk.sources().size()).isEqualTo(2);
        assertThat(walk.total().envelopes()).isEqualTo(4);
        assertThat(walk.total().bytes()).isEqualTo(memory.head());
        assertThat(walk.others().envelopes()).isZero();
    }

    @Test
    void aSliceWhoseTimeIsUpGoesOnLaterWhereItStopped() {
        pumpEach(50, 1_000);
        SourceWalk walk = walk(EVERYTHING, now - 1_000, MANY);
        int slices = 1;
        while (walk.step(EVERYTHING, 0)) {
            slices++;
        }
        // Of the 16 KiB that the log holds each slice walks 8 KiB at most.
        assertThat(slices).isBetween(2, 50);
        assertThat(walk.total().bytes()).isEqualTo(memory.head() - memory.tail());
    }

    @Test
    void anEmptyLogIsCountedOverTheWholeTime() {
        SourceWalk walk = walk(EVERYTHING, now - 10_000, MANY);
        assertThat(walk.step(EVERYTHING, NO_HURRY)).isFalse();
        assertThat(walk.total().envelopes()).isZero();
        assertThat(walk.coveredMillis()).isEqualTo(10_000);
    }

    @Test
    void whatArrivedBeforeTheTimeIsLeftOutToTheBatch() {
        for (int second = 0; second < 20; second++) {
            accept(log(second, "app"));
            lane.pump();
            now += 1_000;
        }
        SourceWalk walk = walk(EVERYTHING, now - 5_000, MANY);
        finish(walk);
        assertThat(walk.total().envelopes()).isEqualTo(5);
        assertThat(walk.coveredMillis()).isEqualTo(5_000);
    }

    @Test
    void whereTheBytesReachBackLessFarTheTimeIsThatOfTheirs() {
        for (int second = 0; second < 20; second++) {
            acceptLogs(1, 100);
            lane.pump();
            now += 1_000;
        }
        long batch = memory.head() / 20;
        SourceWalk walk = walk(3 * batch + batch / 2, now - 10_000, MANY);
        finish(walk);
        assertThat(walk.total().envelopes()).isEqualTo(3);
        assertThat(walk.coveredMillis()).isEqualTo(3_000);
    }

    @Test
    void whatIsOverwrittenBetweenTwoSlicesIsLeftOut() {
        for (int i = 0; i < 100; i++) {
            acceptLogs(1, 100);
            lane.pump();
            now += 10;
        }
        SourceWalk walk = walk(EVERYTHING, now - 10_000, MANY);
        assertThat(walk.step(1, NO_HURRY)).isTrue();
        long found = walk.total().envelopes();
        pumpEach(400, 100);

        finish(walk);
        assertThat(walk.total().envelopes()).isEqualTo(found);
    }

    @Test
    void sourcesBeyondTheLimitAreCountedTogether() {
        accept(log(0, "a"), log(1, "b"), log(2, "c"), log(3, "a"), log(4, "d"));
        lane.pump();
        SourceWalk walk = walk(EVERYTHING, now - 1_000, 2);
        finish(walk);
        assertThat(walk.sources().size()).isEqualTo(2);
        assertThat(walk.sources().get("a").envelopes()).isEqualTo(2);
        assertThat(walk.sources().get("b").envelopes()).isEqualTo(1);
        assertThat(walk.others().envelopes()).isEqualTo(2);
        assertThat(walk.total().envelopes()).isEqualTo(5);
    }
}
