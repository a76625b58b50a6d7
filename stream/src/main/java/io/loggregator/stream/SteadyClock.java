package io.loggregator.stream;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The time that a server decides by, in milliseconds: it goes on as {@link System#nanoTime} does, whatever is done to the
 * system's clock. It began as that clock stood then, which may have been wrong, so what is told to others is {@link
 * #toSystem} first. For use by any thread.
 */
public final class SteadyClock {
    private static final SteadyClock CLOCK = new SteadyClock(System::nanoTime, System::currentTimeMillis);

    private final LongSupplier nanos;
    private final LongSupplier system;
    private final long beginNanos;
    private final long beginMillis;

    SteadyClock(LongSupplier nanos, LongSupplier system) {
        this.nanos = nanos;
        this.system = system;
        beginNanos = nanos.getAsLong();
        beginMillis = system.getAsLong();
    }

    /** The time now. */
    public static long millis() {
        return CLOCK.now();
    }

    /** When that was by the system's clock as it stands now, milliseconds since the Unix epoch; 0 stays 0. */
    public static long toSystem(long millis) {
        return CLOCK.shown(millis);
    }

    /** The time of what the system's clock, as it stands now, calls so many milliseconds since the Unix epoch. */
    public static long ofSystem(long epochMillis) {
        return CLOCK.read(epochMillis);
    }

    long now() {
        return beginMillis + TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong() - beginNanos);
    }

    long shown(long millis) {
        return millis == 0 ? 0 : millis + ahead();
    }

    long read(long epochMillis) {
        return epochMillis - ahead();
    }

    /** By how much the system's clock was set forward since; a millisecond is rounding. */
    private long ahead() {
        long ahead = system.getAsLong() - now();
        return Math.abs(ahead) <= 1 ? 0 : ahead;
    }
}
