package io.loggregator.stream.log;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SparesTest {
    private static final byte[] NONE = {};

    @Property(tries = 200)
    void anArrayHasRoomAndAtMostAnEighthMore(@ForAll @IntRange(max = 1 << 21) int room) {
        assertThat(new Spares(0).take(room, NONE).length).isBetween(room, room + room / 8);
    }

    @Test
    void whatWasGivenIsTakenAgainByWhatIsAboutAsLarge() {
        Spares spares = new Spares(1 << 20);
        byte[] array = spares.take(130_000, NONE);
        spares.give(array);
        assertThat(spares.bytes()).isEqualTo(array.length);
        assertThat(spares.take(60_000, NONE) == array).isFalse();
        assertThat(spares.take(125_000, NONE) == array).isTrue();
        assertThat(spares.bytes()).isZero();
        assertThat(spares.take(125_000, NONE) == array).isFalse();
    }

    @Test
    void whatIsAboutAsLargeAsItMayBeIsKept() {
        Spares spares = new Spares(1 << 20);
        byte[] present = new byte[1_000];
        assertThat(spares.take(1_000, present) == present).isTrue();
        assertThat(spares.take(970, present) == present).isTrue();
        assertThat(spares.take(900, present)).hasSize(960);
        assertThat(spares.take(1_001, present)).hasSize(1_024);
    }

    @Test
    void beyondItsLimitItKeepsSomeOfEachLength() {
        Spares spares = new Spares(5_000);
        byte[] rare = spares.take(2_048, NONE);
        spares.give(rare);
        for (int i = 0; i < 10; i++) {
            spares.give(new byte[1_024]);
        }
        assertThat(spares.bytes()).isEqualTo(2_048 + 2 * 1_024);
        assertThat(spares.take(2_048, NONE) == rare).isTrue();
    }

    @Test
    void allCanBeLetGo() {
        Spares spares = new Spares(3_000);
        byte[] array = spares.take(1_000, NONE);
        spares.give(array);
        spares.clear();
        assertThat(spares.bytes()).isZero();
        assertThat(spares.take(1_000, NONE) == array).isFalse();
    }
}
