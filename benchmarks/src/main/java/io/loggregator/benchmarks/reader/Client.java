package io.loggregator.benchmarks.reader;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;

/** One reader of a stream. It lives on one event loop. */
interface Client {
    /** Connects; from any thread. */
    void connect(EventLoop loop);

    /** Done when the server has accepted it; fails with the reason when it does not. */
    CompletableFuture<Void> open();

    /** What it got. */
    Checker checker();

    /** The source that it follows; -1 for all. */
    int source();

    /** Why the stream is over; null while it is not. From any thread. */
    String ended();

    /** Leaves; what comes afterwards is not looked at. On its event loop. */
    void leave();
}
