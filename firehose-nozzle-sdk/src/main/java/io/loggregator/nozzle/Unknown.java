package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;

/** An envelope without a message, or with one of a kind that came after this library. Its bytes can be passed on. */
public final class Unknown extends Envelope {
    Unknown(BatchCursor at) {
        super(at);
    }
}
