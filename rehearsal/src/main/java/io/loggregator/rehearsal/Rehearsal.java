package io.loggregator.rehearsal;

import io.loggregator.rehearsal.nodes.Setup;
import java.io.IOException;

/**
 * A fault to be rehearsed.
 *
 * @param fault its name, as {@code --fault} takes it
 * @param title how it is told, with how long or how much
 * @param setup what the Traffic Controller that faults befall is set to
 * @param action puts it in and takes it out again
 */
record Rehearsal(String fault, String title, Setup setup, Action action) {
    /** Puts a fault in while traffic flows, and returns when it has healed. */
    @FunctionalInterface
    interface Action {
        void on(Stage stage) throws IOException, InterruptedException;
    }
}
