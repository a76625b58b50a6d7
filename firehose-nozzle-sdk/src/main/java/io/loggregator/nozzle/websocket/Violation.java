package io.loggregator.nozzle.websocket;

import java.io.IOException;

/** What came is nothing that a server may send. */
public final class Violation extends IOException {
    Violation(String what) {
        super(what);
    }
}
