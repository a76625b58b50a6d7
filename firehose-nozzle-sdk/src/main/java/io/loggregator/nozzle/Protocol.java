package io.loggregator.nozzle;

import java.io.IOException;

/** What is said on one stream. The connection's thread calls, except for {@link #received}. */
interface Protocol {
    /** Says what is wanted. */
    void start() throws IOException;

    /**
     * Takes a message, on the thread that reads.
     *
     * @param message its array, which it gives back to the pool
     * @throws ProtocolException it is not what the server may send
     * @throws IOException it is the server's last one
     */
    void received(byte[] message, int length) throws IOException, InterruptedException;

    /** Nothing more has come for now; on the thread that reads. */
    void idle() throws InterruptedException;

    /** Whether the server has agreed to what is wanted. */
    boolean ready();

    /** Whether what was received and not handled comes again from the server. */
    boolean redelivers();

    /** Whether the server has ended the stream only because it had lasted long enough. */
    default boolean finished() {
        return false;
    }

    /** The arrival has been handled. */
    void handled(Arrival arrival) throws IOException;

    /** Says what has not been said of what was handled. */
    void flush() throws IOException;

    /** After how many milliseconds without an arrival that is to be done; {@link Long#MAX_VALUE}: there is nothing to say. */
    default long flushMillis() {
        return Long.MAX_VALUE;
    }
}
