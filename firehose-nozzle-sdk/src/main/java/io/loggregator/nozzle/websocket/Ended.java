package io.loggregator.nozzle.websocket;

import java.io.IOException;

/** The server has ended its events. */
public final class Ended extends IOException {
    private final String reason;

    Ended(String reason) {
        super("ended the stream" + (reason.isEmpty() ? "" : " (" + reason + ")"));
        this.reason = reason;
    }

    /** The comment that it ended with; empty if there was none. */
    public String reason() {
        return reason;
    }
}
