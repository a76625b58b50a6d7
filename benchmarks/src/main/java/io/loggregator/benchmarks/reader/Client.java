package io.loggregator.benchmarks.reader;

import io.netty.channel.EventLoop;

/** One reader of a stream. It lives on one event loop. */
public interface Client {
    /** Connects; from any thread. */
    void connect(EventLoop loop);

    /** How it fares. */
    Course course();

    /** What it got. */
    Checker checker();

    /** The source that it follows; -1 for all. */
    default int source() {
        return -1;
    }

    /** Leaves; what comes afterwards is not looked at. On its event loop. */
    void leave();
}
