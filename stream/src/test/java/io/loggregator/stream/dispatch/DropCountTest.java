package io.loggregator.stream.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.stream.LastLoss;
import org.junit.jupiter.api.Test;

/** Counts of what is dropped, and the last occasion. */
class DropCountTest {
    private long now = 10_000;
    private final DropCount lapped = new DropCount(Gap.LAPPED, () -> now);

    @Test
    void nothingDroppedIsNoOccasion() {
        lapped.add(0);
        assertThat(lapped.get()).isZero();
        assertThat(lapped.last()).isNull();
    }

    @Test
    void whatIsDroppedWithinASecondIsOneOccasion() {
        lapped.add(5);
        now += 1_000;
        lapped.add(0);
        lapped.add(2);
        now += 1_000;
        lapped.add(1);
        assertThat(lapped.last()).isEqualTo(new LastLoss("lapped", 8, 10_000, 12_000));
    }

    @Test
    void whatIsDroppedLaterIsAnother() {
        lapped.add(5);
        now += 1_001;
        lapped.add(2);
        assertThat(lapped.get()).isEqualTo(7);
        assertThat(lapped.last()).isEqualTo(new LastLoss("lapped", 2, 11_001, 11_001));
    }

    @Test
    void theLaterOccasionIsTakenOverFromAnotherCount() {
        lapped.add(5);
        now += 5_000;
        DropCount other = new DropCount(Gap.LAPPED, () -> now);
        other.add(3);
        lapped.add(other);
        assertThat(lapped.get()).isEqualTo(8);
        assertThat(lapped.last()).isEqualTo(new LastLoss("lapped", 3, 15_000, 15_000));

        other.add(lapped);
        assertThat(other.last()).isEqualTo(new LastLoss("lapped", 3, 15_000, 15_000));
    }
}
