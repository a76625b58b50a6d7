package io.loggregator.trafficcontroller;

import io.loggregator.stream.own.Component;
import io.loggregator.stream.own.OwnMetrics;
import java.util.Map;

/**
 * What a Traffic Controller tells of itself in the stream, by the names, tags and units that the Go release's Traffic
 * Controller and Reverse Log Proxy have for it: as the former it tells of v1 clients, as the latter of readers of v2.
 */
final class OwnMetricNames {
    /** Dopplers' envelopes came by gRPC there; dashboards select by that, whatever brings them here. */
    private static final Map<String, String> GRPC = Map.of("protocol", "grpc");

    private OwnMetricNames() {}

    /** @param totals as {@link OwnMetrics} */
    static OwnMetrics trafficController(String instance, boolean totals, TrafficControllerMetrics counted) {
        return new OwnMetrics(new Component("loggregator.trafficcontroller", "traffic_controller", instance), totals)
                .counter("ingress", GRPC, counted::ingressForV1)
                .counter("egress", Map.of("endpoint", "firehose"), counted::firehoseEgress)
                .counter("egress", Map.of("endpoint", "stream"), counted::streamEgress)
                .gauge("doppler_proxy.firehoses", "connections", counted::firehoses)
                .gauge("doppler_proxy.app_streams", "connections", counted::appStreams)
                .counter("doppler_proxy.slow_consumer", Map.of(), counted::slowConsumers)
                .gauge("doppler_proxy.recent_logs_latency", "ms", counted::recentLogsMillis)
                .gauge("doppler_proxy.container_metrics_latency", "ms", counted::containerMetricsMillis)
                .counter("query_timeout", Map.of("query", "recent_logs"), counted::recentLogsTimeouts)
                .counter("query_timeout", Map.of("query", "container_metrics"), counted::containerMetricsTimeouts);
    }

    /** @param totals as {@link OwnMetrics} */
    static OwnMetrics reverseLogProxy(
            String sourceId, String instance, boolean totals, TrafficControllerMetrics counted) {
        return new OwnMetrics(new Component("loggregator.rlp", sourceId, instance), totals)
                .counter("ingress", GRPC, counted::ingressForV2)
                .counter("egress", Map.of(), counted::v2Egress)
                .counter("dropped", Map.of("direction", "egress"), counted::v2Dropped)
                .counter("rejected_streams", Map.of(), counted::rejectedStreams)
                .gauge("subscriptions", "total", counted::v2Streams)
                .unversionedCounter("log_router_connects", counted::connects)
                .unversionedCounter("log_router_disconnects", counted::disconnects);
    }
}
