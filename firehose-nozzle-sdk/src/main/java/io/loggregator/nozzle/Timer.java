package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import java.time.Duration;

/** Something that took time, such as an HTTP request. */
public final class Timer extends Envelope {
    Timer(BatchCursor at) {
        super(at);
    }

    /** {@code http} for a request that the platform's routers saw, whose tags then tell more. */
    public String name() {
        return text(1);
    }

    /** When it began, nanoseconds since the Unix epoch. */
    public long startNanos() {
        return Fields.varint(bytes, messageStart, messageEnd, 2);
    }

    /** When it ended, nanoseconds since the Unix epoch. */
    public long stopNanos() {
        return Fields.varint(bytes, messageStart, messageEnd, 3);
    }

    /** From the beginning to the end; negative if the sender says so. */
    public Duration duration() {
        return Duration.ofNanos(stopNanos() - startNanos());
    }
}
