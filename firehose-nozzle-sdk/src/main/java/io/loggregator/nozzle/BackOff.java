package io.loggregator.nozzle;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long a nozzle pauses before it connects again: after the first failure a random part of {@code first}, then of twice
 * as much each time up to {@code most}, at least half of it. So nozzles that a restart cut off together do not come back
 * together.
 *
 * @param first 1 ms and more
 * @param most not less than {@code first}, at most a day
 */
public record BackOff(Duration first, Duration most) {
    /** What a nozzle does unless told otherwise: 100 ms to 15 s, well within the 30 s for which a server keeps its place. */
    public static final BackOff DEFAULT = new BackOff(Duration.ofMillis(100), Duration.ofSeconds(15));

    /** @throws IllegalArgumentException if the spans are not as said above */
    public BackOff {
        if (first.toMillis() < 1 || most.compareTo(first) < 0 || most.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("a back-off of " + first + " to " + most);
        }
    }

    /** The pause in milliseconds after so many failures in a row, 1 and more. */
    public long pauseMillis(int failures) {
        long span = Math.min(most.toMillis(), first.toMillis() << Math.min(failures - 1, 30));
        return span - ThreadLocalRandom.current().nextLong(span / 2 + 1);
    }
}
