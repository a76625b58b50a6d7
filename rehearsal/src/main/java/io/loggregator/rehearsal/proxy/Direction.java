package io.loggregator.rehearsal.proxy;

/** Which way bytes go. */
public enum Direction {
    /** From who connected to who listens. */
    FORTH,
    /** From who listens to who connected. */
    BACK
}
