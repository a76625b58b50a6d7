package io.loggregator.nozzles.runner;

import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.process.Signals;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * That a nozzle is to stop in an orderly way. It can be made before anything is open, so that a signal is heard from the
 * moment at which anybody can see that the nozzle is there.
 */
final class StopRequest {
    private static final Logger LOG = LoggerFactory.getLogger(StopRequest.class);

    private final CompletableFuture<Void> made = new CompletableFuture<>();
    private Thread opening;

    /** Of a nozzle that this thread is about to open: until {@link #opened} the request interrupts it. */
    StopRequest(Thread opening) {
        this.opening = opening;
    }

    /** Has SIGTERM and Ctrl-C make it; a second Ctrl-C ends the process at once. */
    void onSignals() {
        Signals.handle("TERM", this::make);
        Signals.handle("INT", () -> {
            if (!make()) {
                LOG.warn("stopped at once by a SIGINT while stopping");
                Runtime.getRuntime().halt(ExitCodes.INTERRUPTED);
            }
        });
    }

    /** Makes it; false when that was done already. Returns at once. */
    boolean make() {
        boolean first = made.complete(null);
        if (first) {
            interruptOpening();
        }
        return first;
    }

    private synchronized void interruptOpening() {
        if (opening != null) {
            opening.interrupt();
        }
    }

    /** Told by the thread that opened the nozzle, which is not interrupted any more. */
    synchronized void opened() {
        opening = null;
        if (isMade()) {
            Thread.interrupted();
        }
    }

    boolean isMade() {
        return made.isDone();
    }

    /** Runs it when the request is made, at once if it has been. */
    void whenMade(Runnable action) {
        made.thenRun(action);
    }
}
