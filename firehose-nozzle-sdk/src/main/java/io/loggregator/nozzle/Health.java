package io.loggregator.nozzle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a nozzle is.
 *
 * @param state what it is doing
 * @param since since when
 * @param streaming how many of its connections have a stream
 * @param lastError why a connection ended or could not be made last, also if all is well again
 * @param lag how old the newest envelope of the batch that was handed out last was then, by the clocks of its sender and
 *     this machine; zero before the first one, never negative
 */
public record Health(State state, Instant since, int streaming, Optional<Throwable> lastError, Duration lag) {
    /** Whether all connections have a stream. */
    public boolean isUp() {
        return state == State.STREAMING;
    }
}
