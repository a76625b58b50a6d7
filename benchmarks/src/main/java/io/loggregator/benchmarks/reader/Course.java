package io.loggregator.benchmarks.reader;

import java.util.concurrent.CompletableFuture;

/** How a client fares: not accepted yet, open, or over. Changed on the client's event loop. */
public final class Course {
    private final String name;
    private final CompletableFuture<Void> open = new CompletableFuture<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile String ended;

    /** @param name of what is read, for people */
    Course(String name) {
        this.name = name;
    }

    /** Done when the server has accepted the client; fails with the reason when it does not. */
    public CompletableFuture<Void> open() {
        return open;
    }

    void opened() {
        open.complete(null);
    }

    /** The first reason counts. */
    void end(String why) {
        if (ended == null) {
            ended = why;
            end.complete(why);
            open.completeExceptionally(new IllegalStateException(name + ": " + why));
        }
    }

    /** Done with the reason when it is over. */
    public CompletableFuture<String> end() {
        return end;
    }

    /** Why it is over; null while it is not. From any thread. */
    String ended() {
        return ended;
    }
}
