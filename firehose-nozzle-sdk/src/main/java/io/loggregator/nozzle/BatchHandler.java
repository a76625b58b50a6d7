package io.loggregator.nozzle;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a nozzle does with what comes. There is one call at a time for each connection of the nozzle, in the order of its
 * stream; a nozzle with several connections calls from several threads.
 */
@FunctionalInterface
public interface BatchHandler {
    /**
     * Handles a batch. The next batch of the connection waits until the stage is complete; what comes meanwhile waits in
     * the nozzle's buffer, and beyond that at the server. The batch is acknowledged when the stage has completed. Where it
     * fails, or the method throws, the batch is not acknowledged: the connection ends, and the batch comes again, as far
     * as the server keeps it, after a pause. Where the reason is a {@link NozzleException} that is final, the nozzle ends.
     *
     * @return null is the same as {@link #done()}
     */
    CompletionStage<?> handle(Batch batch) throws Exception;

    /** Told of a gap in the stream, between the calls for what came before and after it. */
    default void gap(Gap gap) {}

    /**
     * Told that the nozzle lags, between two of the other calls and before what waits in its buffer: it has lost nothing by that
     * yet, and will if it goes on. At most every 30 s for a connection.
     */
    default void lagging(Lagging lagging) {}

    /** What a handler returns that has handled the batch already. */
    static CompletionStage<?> done() {
        return CompletableFuture.completedFuture(null);
    }
}
