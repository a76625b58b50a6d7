package io.loggregator.nozzle.websocket;

import java.io.IOException;

/** The server has closed the WebSocket. */
public final class Closed extends IOException {
    private final int code;
    private final String reason;

    Closed(int code, String reason) {
        super("closed with " + code + (reason.isEmpty() ? "" : " (" + reason + ")"));
        this.code = code;
        this.reason = reason;
    }

    /** The close code; 1005 if there was none. */
    public int code() {
        return code;
    }

    /** What the server said of it; may be empty. */
    public String reason() {
        return reason;
    }
}
