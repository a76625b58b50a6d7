package io.loggregator.cli.client;

/** What one connection brings, in either protocol. Used by one thread. */
public interface Arrivals extends AutoCloseable {
    /** Whether envelopes are v2's. */
    boolean isV2();

    /** The next serialized envelope, if it is there already. */
    byte[] poll();

    /** The next serialized envelope, waiting for it; null when the connection has ended. */
    byte[] take() throws InterruptedException;

    /** What was taken so far has been dealt with, and need not come again. */
    void handled();

    /** After {@link #take} returned null: why the connection ended, for people. */
    String endReason();

    @Override
    void close();
}
