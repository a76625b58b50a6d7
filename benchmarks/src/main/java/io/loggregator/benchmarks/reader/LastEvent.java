package io.loggregator.benchmarks.reader;

/** Where a reader of server-sent events stands, over all its connections. Belongs to its event loop. */
public final class LastEvent {
    private String id = "";

    /** The id of the last event that arrived whole and had one; empty if there is none. */
    String id() {
        return id;
    }

    void is(String arrived) {
        id = arrived;
    }
}
