package io.loggregator.nozzle;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** Calls the handler and waits for its stages; keeps the connection alive meanwhile. */
final class Handling {
    /** Something to say to the server. */
    interface Word {
        void send() throws IOException;
    }

    private final BatchHandler handler;
    private final Inbox inbox;
    private final Connection.Supervisor supervisor;
    private final Word handled;
    private final Word ping;
    private final long pingMillis;

    /**
     * @param handled what is said before a stage is waited for: what was handled before
     * @param ping what is said now and then while it is
     */
    Handling(
            BatchHandler handler,
            Inbox inbox,
            Connection.Supervisor supervisor,
            Word handled,
            Word ping,
            long pingMillis) {
        this.handler = handler;
        this.inbox = inbox;
        this.supervisor = supervisor;
        this.handled = handled;
        this.ping = ping;
        this.pingMillis = pingMillis;
    }

    void gap(Gap gap) {
        try {
            handler.gap(gap);
        } catch (RuntimeException | Error e) {
            throw new HandlerFailedException(e);
        }
    }

    void lagging(Lagging lagging) {
        try {
            handler.lagging(lagging);
        } catch (RuntimeException | Error e) {
            throw new HandlerFailedException(e);
        }
    }

    /**
     * Has the batch handled, however long it takes.
     *
     * @throws HandlerFailedException its stage failed
     * @throws InterruptedException the nozzle has no more time
     */
    void batch(Batch batch) throws InterruptedException {
        CompletionStage<?> stage;
        try {
            stage = handler.handle(batch);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception | Error e) {
            throw new HandlerFailedException(e);
        }
        if (stage == null) {
            return;
        }
        CompletableFuture<Object> done = new CompletableFuture<>();
        stage.whenComplete((result, failure) -> {
            if (failure == null) {
                done.complete(result);
            } else {
                done.completeExceptionally(failure);
            }
            inbox.wake();
        });
        if (!done.isDone()) {
            say(handled);
        }
        while (!inbox.await(() -> done.isDone() || supervisor.aborting(), pingMillis)) {
            say(ping);
        }
        if (!done.isDone()) {
            throw new InterruptedException("no more time for the handler");
        }
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new HandlerFailedException(cause(e));
        }
    }

    private void say(Word word) {
        if (inbox.ended()) {
            return;
        }
        try {
            word.send();
        } catch (IOException e) {
            // Whoever reads the stream notices its end, and the handler's stage is waited for all the same.
            return;
        }
    }

    /** What made a stage fail. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The reason for which a stream ended, to be thrown. */
    static IOException asIOException(Throwable reason) {
        if (reason instanceof NozzleException known) {
            throw known;
        }
        return reason instanceof IOException known ? known : new IOException(String.valueOf(reason), reason);
    }
}
