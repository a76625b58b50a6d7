package io.loggregator.trafficcontroller.fanout;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Time as clients see it.
 *
 * @param nanos a clock as {@link System#nanoTime}
 * @param tick how often clients are looked after
 */
public record Timing(LongSupplier nanos, Duration tick) {
    /** The machine's clock, and the intervals of production. */
    public static final Timing REAL = new Timing(System::nanoTime, Duration.ofSeconds(1));
}
