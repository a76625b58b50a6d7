package io.loggregator.stream.dispatch;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Whatever happens in whatever order, nothing is lost silently and nothing is handed out twice. */
class LanePropertyTest {

    @Property(tries = 50, shrinking = ShrinkingMode.OFF)
    void everythingAcceptedIsDeliveredDroppedOrPending(
            @ForAll long seed, @ForAll @IntRange(min = 16, max = 64) int logKibibytes) {
        World world = new World(new Random(seed), logKibibytes << 10);
        for (int step = 1; step <= 3_000; step++) {
            world.step();
            if (step % 500 == 0) {
                world.settle();
            }
        }
        world.settle();
    }
}
