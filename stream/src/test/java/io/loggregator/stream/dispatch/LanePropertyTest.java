package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Whatever happens in whatever order, nothing is lost silently and nothing is handed out twice. */
class LanePropertyTest {

    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void everythingAcceptedIsDeliveredDroppedOrPending(
            @ForAll long seed, @ForAll @IntRange(min = 16, max = 64) int logKibibytes) {
        live(new World(new Random(seed), logKibibytes << 10, 0));
    }

    @Property(tries = 30, shrinking = ShrinkingMode.OFF)
    void alsoWhereTheLogIsThinned(
            @ForAll long seed,
            @ForAll @IntRange(min = 16, max = 64) int logKibibytes,
            @ForAll @IntRange(min = 1, max = 8) int thinnedKibibytes) {
        World world = new World(new Random(seed), logKibibytes << 10, thinnedKibibytes << 10);
        live(world);
        assertThat(world.thinned()).isPositive();
    }

    private static void live(World world) {
        for (int step = 1; step <= 3_000; step++) {
            world.step();
            if (step % 500 == 0) {
                world.settle();
            }
        }
        world.settle();
    }
}
