package io.loggregator.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void spreadsBatchesEvenlyOverTheSecond() {
        Schedule schedule = new Schedule(7 * SECOND, 10_000, 100);

        assertThat(schedule.due(0)).isEqualTo(7 * SECOND);
        assertThat(schedule.due(1)).isEqualTo(7 * SECOND + 10_000_000);
        assertThat(schedule.due(100)).isEqualTo(8 * SECOND);
    }

    @Test
    void doesNotDriftAtARateThatDividesBadly() {
        Schedule schedule = new Schedule(0, 30_000, 7);

        // 90,000 batches of 7 are 21 seconds of 30,000.
        assertThat(schedule.due(90_000)).isEqualTo(21 * SECOND);
    }

    @Test
    void worksWhereTheClockIsBelowZero() {
        assertThat(new Schedule(-5 * SECOND, 1_000, 100).due(10)).isEqualTo(-4 * SECOND);
    }

    @Test
    void refusesARateOfNothing() {
        assertThatThrownBy(() -> new Schedule(0, 0, 100)).isInstanceOf(IllegalArgumentException.class);
    }
}
