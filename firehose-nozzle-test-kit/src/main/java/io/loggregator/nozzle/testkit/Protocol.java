package io.loggregator.nozzle.testkit;

/** What an open WebSocket speaks. On the event loop. */
interface Protocol {
    /** The client has sent this. */
    void message(boolean text, byte[] payload);

    /** The client has answered a Ping. */
    void pong(byte[] payload);

    /** Whether it can be written now. */
    boolean takes(Item item);

    /** @return the mark by which the client will confirm it */
    long write(Item item);
}
