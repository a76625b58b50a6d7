package io.loggregator.trafficcontroller;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.trafficcontroller.streamv2.StreamCounters;
import java.util.List;
import java.util.function.ToLongFunction;

/** Declares the metrics of {@code loggregator.stream.v2}; each is what the event loops counted, added up. */
final class StreamMetrics {
    private StreamMetrics() {}

    /** @param loops one for each event loop */
    static void declare(Metrics metrics, List<StreamCounters> loops) {
        metrics.observedGauge("stream_v2_streams", "Streams of loggregator.stream.v2 that are open.", () ->
                (double) sum(loops, StreamCounters::open));
        metrics.observedCounter(
                "stream_v2_egress",
                "Envelopes written to clients of loggregator.stream.v2, once for each client.",
                () -> sum(loops, StreamCounters::envelopes));
        metrics.observedCounter(
                "stream_v2_held_back",
                "Envelopes that filters in the query of such a client left out.",
                () -> sum(loops, StreamCounters::heldBack));
        metrics.observedCounter(
                "stream_v2_violations",
                "Streams ended because the client broke the protocol or asked for what it cannot have.",
                () -> sum(loops, StreamCounters::violations));
        metrics.observedCounter(
                "stream_v2_unacknowledged",
                "Streams ended because the client acknowledged nothing for SLOW_CONSUMER_TIMEOUT; those that took nothing"
                        + " are in doppler_proxy_slow_consumer_total.",
                () -> sum(loops, StreamCounters::slow));
    }

    private static long sum(List<StreamCounters> loops, ToLongFunction<StreamCounters> count) {
        return loops.stream().mapToLong(count).sum();
    }
}
