package io.loggregator.nozzle;

import java.util.Iterator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A batch that is handed on envelope by envelope, and what completes when that is done. */
final class Handed {
    final Iterator<Envelope> envelopes;
    final CompletableFuture<Void> stage = new CompletableFuture<>();

    Handed(Batch batch) {
        envelopes = batch.iterator();
    }

    /** Says that it is done with if it is, and otherwise that it will not be. */
    void abandon() {
        if (envelopes.hasNext()) {
            stage.completeExceptionally(new CancellationException("not read to its end"));
        } else {
            stage.complete(null);
        }
    }
}
