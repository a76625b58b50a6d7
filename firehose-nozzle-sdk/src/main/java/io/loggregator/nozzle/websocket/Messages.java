package io.loggregator.nozzle.websocket;

import java.io.IOException;

/** Messages that a server sends, whatever they come by. One thread reads; any thread may do the rest. */
public interface Messages {
    /** What the reader does when it is about to wait for the server. */
    interface Idle {
        void beforeWaiting() throws InterruptedException;
    }

    /**
     * Reads the next message into an array of the space, which is {@link #message()} then.
     *
     * @return the message's length; 0: it is empty, and no array was taken
     * @param idle called before the socket is waited at, also in the middle of a message
     * @throws Violation what came is nothing that a server may send
     * @throws java.net.SocketTimeoutException nothing has come for too long
     * @throws IOException the server has ended it, or the connection has ended
     */
    int read(Space space, Idle idle) throws IOException, InterruptedException;

    /** The array that the last message lies in, from its beginning. */
    byte[] message();

    /** Asks for a word of life, where there is a way to. */
    void ping() throws IOException;

    /** Says that no more is wanted. What the server still sends can be read until it ends the stream as well. */
    void close() throws IOException;

    /** Cuts the connection. Whoever reads or writes is told by an exception. */
    void abort();
}
