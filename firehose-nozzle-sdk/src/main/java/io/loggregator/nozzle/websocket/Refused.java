package io.loggregator.nozzle.websocket;

import java.io.IOException;

/** The server, or the proxy before it, answered the request for a stream with something else. */
public final class Refused extends IOException {
    private final int status;
    private final String location;
    private final String body;
    private final boolean byProxy;

    Refused(int status, String location, String body, boolean byProxy) {
        super("HTTP status " + status);
        this.status = status;
        this.location = location;
        this.body = body;
        this.byProxy = byProxy;
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

    /** Whether it was the proxy, which was asked to connect to the server. */
    public boolean byProxy() {
        return byProxy;
    }
}
