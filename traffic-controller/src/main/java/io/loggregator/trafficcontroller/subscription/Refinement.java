package io.loggregator.trafficcontroller.subscription;

import io.loggregator.wire.BatchCursor;

/** What a reader wants left out of its subscription. Readers share a copy of the stream only if they refine it alike. */
public interface Refinement {
    /** Leaves nothing out. */
    Refinement NONE = new Refinement() {
        @Override
        public boolean takes(BatchCursor cursor) {
            return true;
        }

        @Override
        public String identity() {
            return "";
        }
    };

    /** Whether the envelope under the cursor is to be delivered. */
    boolean takes(BatchCursor cursor);

    /** Equal for refinements that leave out the same; empty if that is nothing. */
    String identity();
}
