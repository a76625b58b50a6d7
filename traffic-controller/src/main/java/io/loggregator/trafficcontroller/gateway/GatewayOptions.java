package io.loggregator.trafficcontroller.gateway;

import io.loggregator.trafficcontroller.edge.EdgeOptions;
import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link GatewayVerticle} serves.
 *
 * @param port host, port, TLS, limits, and who is told what; of its streams, {@code maxStreams} are served at a time
 * @param rhythm what a stream's client hears when, beside envelopes
 */
public record GatewayOptions(EdgeOptions port, Rhythm rhythm) {
    /**
     * Times of a stream.
     *
     * @param heartbeat without a batch, after which it gets a heartbeat
     * @param report after a line was held back, how long until its client is told
     * @param lifetime after which it is closed; zero: never
     */
    public record Rhythm(Duration heartbeat, Duration report, Duration lifetime) {
        /** As in the reference, with the lifetime given. */
        public static Rhythm of(Duration lifetime) {
            return new Rhythm(Duration.ofSeconds(15), Duration.ofSeconds(10), lifetime);
        }
    }

    /** Checks that nothing is missing. */
    public GatewayOptions {
        Objects.requireNonNull(port, "port");
        Objects.requireNonNull(rhythm, "rhythm");
    }
}
