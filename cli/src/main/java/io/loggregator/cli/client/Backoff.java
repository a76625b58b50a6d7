package io.loggregator.cli.client;

import java.time.Duration;
import java.util.Random;

/**
 * How long to wait before the next try: twice as long each time up to a limit, and by chance between half of that and
 * the whole, so that many clients that lost the same server do not come back at the same moment. Used by one thread.
 */
public final class Backoff {
    private final long firstMillis;
    private final long limitMillis;
    private final Random random;
    private int failures;

    /** Waits of {@code first} to {@code limit}. */
    public Backoff(Duration first, Duration limit, Random random) {
        this.firstMillis = first.toMillis();
        this.limitMillis = limit.toMillis();
        this.random = random;
    }

    /** What the commands use: half a second to ten seconds. */
    public static Backoff ofClient() {
        return new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), new Random());
    }

    /** The next wait, in milliseconds. */
    public long nextMillis() {
        long whole = Math.min(limitMillis, firstMillis << Math.min(failures, 20));
        failures++;
        return whole / 2 + (long) (random.nextDouble() * (whole - whole / 2));
    }

    /** The last try succeeded: the next wait is a short one again. */
    public void reset() {
        failures = 0;
    }
}
