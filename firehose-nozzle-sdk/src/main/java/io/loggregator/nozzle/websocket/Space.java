package io.loggregator.nozzle.websocket;

/** Where messages are put. Used by the thread that reads. */
public interface Space {
    /** An array of this length or more, 1 and more, whose content does not matter. */
    byte[] take(int atLeast);

    /** Takes an array back of which no message was made. */
    void giveBack(byte[] array);
}
