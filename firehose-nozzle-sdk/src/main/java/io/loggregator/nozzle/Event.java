package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ProtoBytes;

/** Something that happened, told in words. */
public final class Event extends Envelope {
    Event(BatchCursor at) {
        super(at);
    }

    public String title() {
        long title = Fields.span(bytes, messageStart, messageEnd, 1);
        return text(ProtoBytes.high(title), ProtoBytes.low(title));
    }

    public String body() {
        long body = Fields.span(bytes, messageStart, messageEnd, 2);
        return text(ProtoBytes.high(body), ProtoBytes.low(body));
    }
}
