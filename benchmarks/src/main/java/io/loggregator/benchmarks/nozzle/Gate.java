package io.loggregator.benchmarks.nozzle;

import java.util.concurrent.CompletableFuture;

/** Open or shut. Any thread may use it. */
final class Gate {
    private volatile CompletableFuture<Void> open = CompletableFuture.completedFuture(null);

    void shut() {
        open = new CompletableFuture<>();
    }

    void open() {
        open.complete(null);
    }

    /** Completes when it is open. */
    CompletableFuture<Void> whenOpen() {
        return open;
    }

    /** Waits until it is open. */
    void pass() {
        if (!open.isDone()) {
            open.join();
        }
    }
}
