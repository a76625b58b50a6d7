package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;

/** A count that grew. */
public final class Counter extends Envelope {
    Counter(BatchCursor at) {
        super(at);
    }

    public String name() {
        return text(1);
    }

    /** By how much it grew: an unsigned number, negative above {@link Long#MAX_VALUE}. */
    public long delta() {
        return Fields.varint(bytes, messageStart, messageEnd, 2);
    }

    /** What it grew to, as its sender counts: an unsigned number, negative above {@link Long#MAX_VALUE}. */
    public long total() {
        return Fields.varint(bytes, messageStart, messageEnd, 3);
    }
}
