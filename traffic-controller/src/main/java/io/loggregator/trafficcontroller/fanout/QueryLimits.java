package io.loggregator.trafficcontroller.fanout;

import java.time.Duration;

/**
 * What queries about the recent past may cost.
 *
 * @param most that may be under way for clients on an event loop, and answers that a Doppler may owe it: fewer than the
 *     1,000 with which a Doppler ends the link
 * @param patience how long Dopplers have for their answers
 */
public record QueryLimits(int most, Duration patience) {
    /** Those of whom nothing else is told. */
    public static final QueryLimits USUAL = new QueryLimits(100, Duration.ofSeconds(5));
}
