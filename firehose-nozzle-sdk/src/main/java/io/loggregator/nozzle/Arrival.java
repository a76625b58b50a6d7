package io.loggregator.nozzle;

/**
 * Something that came and is to be handled: a batch, a gap, word that the nozzle lags, or only word of a position.
 *
 * @param batch null if it is none
 * @param gap null if it is none
 * @param lagging null if it is none
 * @param mark goes back in an acknowledgement; 0: nothing does
 * @param position where an app's stream goes on behind it; empty: not told
 */
record Arrival(Batch batch, Gap gap, Lagging lagging, long mark, String position) {
    Arrival(Batch batch, Gap gap, long mark, String position) {
        this(batch, gap, null, mark, position);
    }

    Arrival(Lagging lagging) {
        this(null, null, lagging, 0, "");
    }

    /** How much of the buffer it takes. */
    int bytes() {
        return batch == null ? 0 : batch.byteSize();
    }
}
