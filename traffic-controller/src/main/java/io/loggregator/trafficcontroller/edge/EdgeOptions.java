package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.accept.PerClient;
import io.loggregator.node.http2.Http2Limit;
import io.loggregator.node.tls.RefusedHandshakes;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * How an {@link EdgeVerticle} serves.
 *
 * @param http host, port (0: a free one, which instances share) and TLS. Limits, timeouts,
 *     compression and clear-text HTTP/2 are set by the edge, whatever stands here
 * @param limits what connections and requests may cost
 * @param systemDomain the domain of the platform; cookies are set for {@code doppler.} before it. Empty: for the host
 *     of the request only
 * @param maxStreams how many firehoses and app streams one instance serves at a time; one more is answered 503
 * @param connections of each client, on all instances
 * @param streams of each client, likewise
 * @param stopGrace how long {@link EdgeVerticle#stop()} waits for streams and answers to end before it cuts them
 * @param slowConsumer time after which a client that takes nothing of its answer is cut off; streams look after themselves
 * @param recheck how often an open stream's access is checked again; zero: never
 * @param refused told, on an event loop, each time something from outside is refused, and why: one of {@link
 *     #REASONS}
 * @param idle told, likewise, of each connection closed because no request came on it: {@link #FIRST} or {@link #NEXT}
 * @param http2 told, likewise, where a limit of HTTP/2 bit on a connection
 * @param handshakes told of each TLS handshake that came to nothing
 * @param front what stands in front of the port
 */
public record EdgeOptions(
        HttpServerOptions http,
        Limits limits,
        String systemDomain,
        int maxStreams,
        PerClient connections,
        PerClient streams,
        Duration stopGrace,
        Duration slowConsumer,
        Duration recheck,
        Consumer<String> refused,
        Consumer<String> idle,
        Consumer<Http2Limit> http2,
        RefusedHandshakes handshakes,
        Front front) {
    /** All reasons that {@code refused} may be told, in a fixed order. */
    public static final List<String> REASONS = Refusal.labels();

    /** Not a byte came of a first request. */
    public static final String FIRST = "first";

    /** No request came after another, or over HTTP/2 nothing at all. */
    public static final String NEXT = "next";

    /** Checks that nothing is missing. */
    public EdgeOptions {
        Objects.requireNonNull(http, "http");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(systemDomain, "systemDomain");
        Objects.requireNonNull(connections, "connections");
        Objects.requireNonNull(streams, "streams");
        Objects.requireNonNull(stopGrace, "stopGrace");
        Objects.requireNonNull(slowConsumer, "slowConsumer");
        Objects.requireNonNull(recheck, "recheck");
        Objects.requireNonNull(refused, "refused");
        Objects.requireNonNull(idle, "idle");
        Objects.requireNonNull(http2, "http2");
        Objects.requireNonNull(handshakes, "handshakes");
        Objects.requireNonNull(front, "front");
        if (maxStreams < 1) {
            throw new IllegalArgumentException("maxStreams: " + maxStreams);
        }
    }
}
