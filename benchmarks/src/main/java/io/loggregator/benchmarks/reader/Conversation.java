package io.loggregator.benchmarks.reader;

/** What a client does with what a WebSocket brings it; one of each connection. All of it on the client's event loop. */
@FunctionalInterface
public interface Conversation {
    /** The client's end of the connection. */
    interface Line {
        /** Sends a binary message of at most 125 bytes. */
        void say(byte[] message);

        /** Does something after so many milliseconds, if the connection is there by then. */
        void later(Runnable task, long millis);
    }

    /** A v1 stream: the client only listens, and confirms by its Pongs. */
    static Conversation v1(Checker checker) {
        return checker::v1;
    }

    /** The subprotocol that the server has to choose; null: none is offered. */
    default String subprotocolOrNull() {
        return null;
    }

    /** The server has taken the client, who may speak from now on. */
    default void begin(Line line) {}

    /** Takes the binary message {@code bytes[from, to)}, which is valid during the call. */
    void take(byte[] bytes, int from, int to, long nowNanos);
}
