package io.loggregator.trafficcontroller;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.trafficcontroller.router.RouterCounters;
import java.util.List;
import java.util.function.ToLongFunction;

/** Declares what is known of Dopplers that are read by gRPC; each metric is what the event loops counted, added up. */
final class RouterMetrics {
    private RouterMetrics() {}

    /** @param loops one for each event loop */
    static void declare(Metrics metrics, List<RouterCounters> loops) {
        metrics.observedGauge(
                "router_connections", "Dopplers in ROUTER_ADDRS that are connected, added up over event loops.", () ->
                        (double) sum(loops, RouterCounters::connections));
        metrics.observedGauges(
                "router_streams",
                "Streams from Dopplers in ROUTER_ADDRS that are open. kind=client: one for each firehose or v2 client;"
                        + " kind=app: one for each app that is followed.",
                series -> {
                    series.value(sum(loops, RouterCounters::firehoses), "client");
                    series.value(sum(loops, RouterCounters::apps), "app");
                },
                "kind");
        metrics.observedCounters(
                "router_ingress",
                "Envelopes received from Dopplers in ROUTER_ADDRS, by the form in which they came.",
                series -> {
                    series.value(sum(loops, RouterCounters::v1), "v1");
                    series.value(sum(loops, RouterCounters::v2), "v2");
                },
                "form");
        metrics.observedCounter(
                "router_malformed",
                "Envelopes from Dopplers in ROUTER_ADDRS that cannot be read and were left out.",
                () -> sum(loops, RouterCounters::malformed));
        metrics.observedCounter(
                "router_unknown_losses",
                "Streams from Dopplers in ROUTER_ADDRS that were opened again, or given up with their Doppler: what they missed is"
                        + " unknown, and their clients were told so.",
                () -> sum(loops, RouterCounters::unknownLosses));
        metrics.observedCounter(
                "router_refused",
                "Times that a Doppler in ROUTER_ADDRS refused a stream (INVALID_ARGUMENT, UNIMPLEMENTED or PERMISSION_DENIED):"
                        + " its client gets nothing from there, and was told once that something may be missing.",
                () -> sum(loops, RouterCounters::refused));
        metrics.observedCounter(
                "router_paused",
                "Times that a stream from a Doppler in ROUTER_ADDRS was not read on, because its client had not confirmed as much"
                        + " as it may have, its share of EGRESS_BYTES; what the Doppler has no room for meanwhile is lost there.",
                () -> sum(loops, RouterCounters::paused));
        metrics.observedCounter(
                "router_query_failed",
                "Questions about the recent past that a Doppler in ROUTER_ADDRS failed to answer; one that keeps none is"
                        + " no failure.",
                () -> sum(loops, RouterCounters::failedQueries));
        metrics.observedCounter(
                "router_own_metrics_failed",
                "Times that own metrics did not go to the Doppler in ROUTER_ADDRS that they were to go to. Its counters and events"
                        + " go with those of the next time, its gauges are lost.",
                () -> sum(loops, RouterCounters::ownMetricsFailed));
    }

    private static long sum(List<RouterCounters> loops, ToLongFunction<RouterCounters> count) {
        return loops.stream().mapToLong(count).sum();
    }
}
