package io.loggregator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final long HOURS = TimeUnit.HOURS.toMillis(2);

    private long nanos = TimeUnit.SECONDS.toNanos(7);
    private long system = 1_700_000_000_000L;
    private final SteadyClock clock = new SteadyClock(() -> nanos, () -> system);

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
        system += millis;
    }

    @Test
    void beginsAsTheSystemsClock() {
        pass(5);

        assertThat(clock.now()).isEqualTo(system);
    }

    @Test
    void goesOnWhereTheSystemsClockJumps() {
        long before = clock.now();
        system += HOURS;
        pass(5);
        assertThat(clock.now()).isEqualTo(before + 5);

        system -= 2 * HOURS;
        pass(5);
        assertThat(clock.now()).isEqualTo(before + 10);
    }

    @Test
    void isShownByTheSystemsClockAsThatWasSetSince() {
        long then = clock.now();
        pass(5);
        system += HOURS;

        assertThat(clock.shown(then)).isEqualTo(system - 5);
        assertThat(clock.read(system - 5)).isEqualTo(then);
    }

    @Test
    void showsWhatItSaysWhereNobodySetTheClock() {
        long then = clock.now();
        nanos += 999_999;
        system += 1;

        assertThat(clock.shown(then)).isEqualTo(then);
    }

    @Test
    void showsNoTimeAsNone() {
        system += HOURS;

        assertThat(clock.shown(0)).isZero();
    }

    @Test
    void startsWithTheProcess() {
        long before = System.currentTimeMillis();

        assertThat(SteadyClock.toSystem(SteadyClock.millis())).isBetween(before - 2, System.currentTimeMillis() + 1);
    }
}
