package io.loggregator.nozzle;

/** What a nozzle is doing. */
public enum State {
    /** Built and not started. */
    NEW,
    /** None of its connections has a stream; it tries. */
    CONNECTING,
    /** Some of its connections have a stream; the others try. */
    DEGRADED,
    /** All of its connections have a stream. */
    STREAMING,
    /** It was told to stop, and finishes what it has in hand. */
    DRAINING,
    /** It has stopped. */
    ENDED,
    /** It has ended by itself, because trying again cannot help. */
    FAILED
}
