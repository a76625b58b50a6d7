package io.loggregator.rehearsal;

import io.loggregator.rehearsal.nodes.Setup;
import java.io.IOException;

/**
 * A fault to be rehearsed.
 *
 * @param fault its name, as {@code --fault} takes it
 * @param title how it is told, with how long or how much
 * @param setup what the servers that faults befall are set to
 * @param need what it takes, beside what all take
 * @param action puts it in and takes it out again
 */
record Rehearsal(String fault, String title, Setup setup, Need need, Action action) {
    /** What a machine must have for a fault. */
    enum Need {
        NOTHING,
        /** A network of the rehearsal's own, with a packet filter. */
        OWN_NETWORK,
        /** A host for each server, in such a network. */
        HOSTS,
        /** Clocks that can be set for one process. */
        CLOCKS
    }

    /** Puts a fault in while traffic flows, and returns when it has healed. */
    @FunctionalInterface
    interface Action {
        void on(Stage stage) throws IOException, InterruptedException;
    }
}
