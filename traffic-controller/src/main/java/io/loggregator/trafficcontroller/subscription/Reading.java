package io.loggregator.trafficcontroller.subscription;

/** A reader's side of its subscription. */
public interface Reading {
    /** The reader has room again. */
    void room();

    /** Everything up to that mark has reached the client, or cannot be asked about any more. */
    void confirm(long mark);

    /**
     * Where the client stands when it has everything that was handed over so far: an opaque text of URL-safe characters,
     * which any Traffic Controller takes as {@link Subscription#resume}. Empty if it cannot be said, because others share
     * the stream.
     */
    String position();

    /** How fast the reader was since it last kept up. */
    Pace pace();

    /** The client is gone; what it did not confirm goes to those that share with it, or waits for it. */
    void close();
}
