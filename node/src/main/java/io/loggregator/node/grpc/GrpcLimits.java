package io.loggregator.node.grpc;

import java.time.Duration;

/**
 * What the connections and calls of a {@link GrpcPort} may cost.
 *
 * @param message bytes of one; a larger one ends its stream with RESOURCE_EXHAUSTED
 * @param connections how many may be open
 * @param handshake how long a connection has to become one
 * @param headers bytes of the headers of a call
 * @param connectionStreams streams open on a connection
 * @param connectionResets streams that the client of a connection gives up in {@link #RESETS_WINDOW}
 * @param pingAfter silence of a connection after which it is pinged
 */
public record GrpcLimits(
        int message,
        Connections connections,
        Duration handshake,
        int headers,
        int connectionStreams,
        int connectionResets,
        Duration pingAfter) {
    /**
     * How many connections may be open.
     *
     * @param most of all clients
     * @param ofClient of one address; 0: as many as of all
     */
    public record Connections(int most, int ofClient) {}

    static final Duration RESETS_WINDOW = Duration.ofSeconds(30);

    private static final int STREAMS = 1000;
    /** Agents keep five, and a platform has thousands of them. */
    private static final int CONNECTIONS = 50_000;

    /** Those of a port that is told nothing else, with messages of this size. */
    public static GrpcLimits usual(int message) {
        // A proxy of many readers resets all their streams at once when they leave, and again when they have come back.
        return new GrpcLimits(
                message,
                new Connections(CONNECTIONS, 0),
                Duration.ofSeconds(10),
                16 * 1024,
                STREAMS,
                10 * STREAMS,
                Duration.ofSeconds(30));
    }

    /** How long a client that is pinged has to answer. */
    Duration pingTimeout() {
        return pingAfter.multipliedBy(2).dividedBy(3);
    }
}
