package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ProtoBytes;
import java.nio.ByteBuffer;

/** A line that an app or a component wrote. */
public final class Log extends Envelope {
    /** Where the line was written. */
    public enum Type {
        /** Standard output. */
        OUT,
        /** Standard error. */
        ERR
    }

    Log(BatchCursor at) {
        super(at);
    }

    /** The line, read as UTF-8; what is none becomes U+FFFD. Usually without a line end. */
    public String text() {
        return text(1);
    }

    /** The line's bytes as they were sent, read-only; any bytes. */
    public ByteBuffer payload() {
        long payload = Fields.span(bytes, messageStart, messageEnd, 1);
        int start = ProtoBytes.high(payload);
        return ByteBuffer.wrap(bytes, start, ProtoBytes.low(payload) - start)
                .slice()
                .asReadOnlyBuffer();
    }

    /** Where the line was written. A type that is neither counts as standard output. */
    public Type type() {
        return (int) Fields.varint(bytes, messageStart, messageEnd, 2) == 1 ? Type.ERR : Type.OUT;
    }
}
