package io.loggregator.trafficcontroller.subscription;

import java.time.Duration;

/**
 * How long the client of a stream may take.
 *
 * @param start from the opening of a stream that begins with a message of the client's to that message
 * @param progress without any while something waits for it
 * @param pong to answer a Ping, while nothing else shows that it lives; it is pinged when half of that has passed since
 *     its last Pong
 */
public record ClientTimes(Duration start, Duration progress, Duration pong) {
    /** What clients have to start, unless told otherwise. */
    public static final Duration USUAL_START = Duration.ofSeconds(10);
    /** What they have for a Pong, likewise. */
    public static final Duration USUAL_PONG = Duration.ofSeconds(30);

    /** The time to the start, as messages tell it. */
    public String startText() {
        long millis = start.toMillis();
        return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
    }
}
