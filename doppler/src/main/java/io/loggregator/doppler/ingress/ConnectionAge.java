package io.loggregator.doppler.ingress;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides, for each connection, when its streams are to end: somewhere in the last fifth of the greatest age, so that
 * agents which connected together do not come back together.
 */
public final class ConnectionAge extends ServerTransportFilter {
    /** When the streams of a connection are to end, as {@link System#nanoTime}; absent where there is no limit. */
    static final Attributes.Key<Long> STREAMS_END = Attributes.Key.create("streams-end");

    private static final double EARLIEST = 0.8;

    private final long maxNanos;

    public ConnectionAge(Duration max) {
        this.maxNanos = max.toNanos();
    }

    @Override
    public Attributes transportReady(Attributes attributes) {
        double part = ThreadLocalRandom.current().nextDouble(EARLIEST, 1);
        return attributes.toBuilder()
                .set(STREAMS_END, System.nanoTime() + (long) (part * maxNanos))
                .build();
    }
}
