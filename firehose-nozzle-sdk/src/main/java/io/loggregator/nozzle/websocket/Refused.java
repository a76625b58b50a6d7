package io.loggregator.nozzle.websocket;

import java.io.IOException;

/** The server, or a proxy before it, answered the request for a WebSocket with something else. */
public final class Refused extends IOException {
    private final int status;
    private final String location;
    private final String body;

    Refused(int status, String location, String body) {
        super("HTTP status " + status);
        this.status = status;
        this.location = location;
        this.body = body;
    }

    /** HTTP's status. */
    public int status() {
        return status;
    }

    /** Where a redirect leads to; empty if it is none. */
    public String location() {
        return location;
    }

    /** The beginning of what the server has to say, on one line; may be empty. */
    public String body() {
        return body;
    }
}
