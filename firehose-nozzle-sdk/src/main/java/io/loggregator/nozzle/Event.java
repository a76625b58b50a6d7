package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;

/** Something that happened, told in words. */
public final class Event extends Envelope {
    Event(BatchCursor at) {
        super(at);
    }

    public String title() {
        return text(1);
    }

    public String body() {
        return text(2);
    }
}
