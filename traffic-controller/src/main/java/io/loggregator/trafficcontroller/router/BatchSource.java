package io.loggregator.trafficcontroller.router;

/** Makes batch bytes of a message. What they are is valid until the next call. On the session's event loop. */
interface BatchSource {
    /** Takes a message; false if there is nothing in it. */
    boolean read(byte[] message);

    byte[] bytes();

    int end();
}
