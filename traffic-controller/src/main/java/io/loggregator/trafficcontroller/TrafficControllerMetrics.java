package io.loggregator.trafficcontroller;

import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.http2.Http2Limit;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.trafficcontroller.edge.EdgeOptions;
import io.loggregator.trafficcontroller.fanout.ClientCounters;
import io.loggregator.trafficcontroller.gateway.GatewayCounters;
import io.loggregator.trafficcontroller.rlp.EgressCounters;
import io.loggregator.trafficcontroller.streamv2.StreamCounters;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/** Declares the Traffic Controller's metrics; each is what the event loops counted, added up. */
final class TrafficControllerMetrics implements EgressCounters {
    private final List<ClientCounters> loops;
    private final List<GatewayCounters> gateways;
    private final List<StreamCounters> streams;
    private final Counter refused;
    private final Counter closedIdle;
    private final Counter requests;
    private final Counter securityEventsLost;
    private final Counter gatewayRefused;
    private final Counter gatewayClosedIdle;
    private final Counter gatewayHttp2Limits;
    private final Counter gatewayRequests;
    private final Counter rlpStreams;
    private final Counter rlpConnections;
    private final Counter rlpHttp2Limits;
    private final LongAdder rlpEgress = new LongAdder();
    private final LongAdder rlpNotices = new LongAdder();
    private final LongAdder rlpOpen = new LongAdder();
    private final LongAdder rlpRejected = new LongAdder();
    private final LongAdder rlpTooLarge = new LongAdder();

    /**
     * @param loops one for each event loop
     * @param gateways likewise
     * @param streams likewise; {@link StreamMetrics} declares them
     */
    TrafficControllerMetrics(
            Metrics metrics, List<ClientCounters> loops, List<GatewayCounters> gateways, List<StreamCounters> streams) {
        this.loops = loops;
        this.gateways = gateways;
        this.streams = streams;
        metrics.observedCounter("ingress", "Envelopes received from Dopplers.", () -> sum(ClientCounters::ingress));
        metrics.observedCounter(
                "ingress_bytes", "Batch bytes received from Dopplers.", () -> sum(ClientCounters::ingressBytes));
        metrics.observedCounters(
                "egress",
                "Envelopes written to clients, once for each client; several metrics of one gauge count once.",
                series -> {
                    series.value(sum(ClientCounters::firehoseEgress), "firehose");
                    series.value(sum(ClientCounters::streamEgress), "stream");
                    series.value(rlpEgress.sum(), "rlp");
                },
                "endpoint");
        metrics.observedCounters(
                "dropped",
                "Envelopes that an app stream did not get, once for each stream. reason=lapped: the log was overwritten"
                        + " before the client had room; reason=thinned: the client was late, and the log gave them up for the sake of"
                        + " apps that write less; reason=slow_consumer: they waited for a client that was closed"
                        + " as too slow; reason=no_pong: for one that was closed because it answered no Ping; reason=stopped: for"
                        + " one that had not taken them when this Traffic Controller stopped; reason=doppler: a Doppler reported them lost, counted once for each app.",
                series -> {
                    series.value(sum(ClientCounters::lappedTails), "egress", "stream", "lapped");
                    series.value(sum(ClientCounters::thinnedTails), "egress", "stream", "thinned");
                    series.value(sum(ClientCounters::slowTails), "egress", "stream", "slow_consumer");
                    series.value(sum(ClientCounters::unresponsiveTails), "egress", "stream", "no_pong");
                    series.value(sum(ClientCounters::stoppedTails), "egress", "stream", "stopped");
                    series.value(sum(ClientCounters::announced), "egress", "stream", "doppler");
                },
                "direction",
                "place",
                "reason");
        metrics.observedCounter(
                "unexpressible",
                "Envelopes that v1 has no form for (events, timers without a request id, empty gauges); not sent to v1"
                        + " clients.",
                () -> sum(ClientCounters::skipped));
        metrics.observedCounter(
                "truncated", "Log lines cut to fit into a frame of 65,536 bytes.", () -> sum(ClientCounters::cut));
        metrics.observedCounter(
                "loss_notices",
                "Notices of loss written into clients' streams.",
                () -> sum(ClientCounters::notices) + rlpNotices.sum());
        metrics.observedCounter(
                "lag_notices",
                "Times that a client was told in its stream that it lags, before it loses anything by that: by a Doppler for all but"
                        + " app streams of v1, and for these because of the log here.",
                () -> sum(ClientCounters::lagNotices));
        metrics.observedGauge(
                "doppler_proxy_firehoses", "Firehose connections open.", () -> (double) sum(ClientCounters::firehoses));
        metrics.observedGauge("doppler_proxy_app_streams", "App stream connections open.", () ->
                (double) sum(ClientCounters::appStreams));
        metrics.observedCounter(
                "doppler_proxy_slow_consumer",
                "Clients closed because they made no progress.",
                () -> sum(ClientCounters::slowConsumers));
        metrics.observedCounter(
                "streams_moved",
                "Streams closed because another connection went on from their position: of the same client, whose earlier one was"
                        + " not known to be gone, or of a second one with the same Last-Event-ID or resume.",
                () -> sum(ClientCounters::moved));
        metrics.observedCounter(
                "websocket_violations",
                "v1 streams ended because the client sent a frame that was too long or broke the rules of WebSockets; those"
                        + " of clients that acknowledge are in stream_v2_violations_total.",
                () -> sum(ClientCounters::violations));
        metrics.observedCounters(
                "query_timeout",
                "Answers of Dopplers about the recent past that did not come within QUERY_TIMEOUT, or were not asked for because"
                        + " the Doppler owed MAX_QUERIES already.",
                series -> {
                    series.value(recentLogsTimeouts(), "recent_logs");
                    series.value(containerMetricsTimeouts(), "container_metrics");
                },
                "query");
        metrics.observedCounter(
                "query_left_out",
                "Messages of Dopplers about the recent past that were left out, because with them an answer would have taken"
                        + " more than QUERY_BYTES.",
                () -> sum(ClientCounters::leftOutAnswers));
        metrics.observedGauge("doppler_links", "Links to Dopplers that are open, added up over event loops.", () ->
                (double) sum(ClientCounters::links));
        metrics.observedCounter(
                "log_router_connects",
                "Connections to Dopplers, links and gRPC, that were opened, added up over event loops.",
                this::connects);
        metrics.observedCounter("log_router_disconnects", "Those of them that have ended.", this::disconnects);
        metrics.observedCounter(
                "links_broken",
                "Links that ended before their Doppler had said goodbye, added up over event loops.",
                () -> sum(ClientCounters::brokenLinks));
        metrics.observedCounter(
                "dopplers_lost",
                "Runs of Dopplers whose link broke without a goodbye and which were not back within FIREHOSE_GRACE, or had been"
                        + " replaced by another run; added up over event loops. What they had taken in and not handed over is"
                        + " lost, and their readers are told, without a number.",
                () -> sum(ClientCounters::lostDopplers));
        metrics.observedCounter(
                "held_back",
                "Envelopes that v1 clients' own filters left out of their streams.",
                () -> sum(ClientCounters::heldBack));
        metrics.observedCounter(
                "resumed",
                "Readers that went on where an earlier one was, by a position that it had been told.",
                () -> sum(ClientCounters::resumed));
        metrics.observedCounter(
                "unknown_positions",
                "Positions that readers wanted to go on from and that no Traffic Controller tells; they began anew, and were told"
                        + " so.",
                () -> sum(ClientCounters::unknownPositions));
        metrics.observedGauge("subscriptions", "Streams open on the RLP port.", () -> (double) rlpOpen.sum());
        metrics.observedCounter(
                "rejected_streams",
                "Streams on the RLP port that were refused because MAX_EGRESS_STREAMS were open.",
                rlpRejected::sum);
        metrics.observedCounter(
                "too_large",
                "Envelopes left out of streams on the RLP port, because they do not fit into a message of 4 MiB, which is"
                        + " what a client takes that has set nothing.",
                rlpTooLarge::sum);
        rlpStreams = metrics.counter(
                "rlp_streams_refused",
                "Streams on the RLP port that this side ended with an error, by the name of its gRPC code.",
                "code");
        rlpConnections =
                metrics.counter("rlp_connections_refused", GrpcPort.connectionsHelp("the RLP port", "RLP"), "reason");
        rlpHttp2Limits = metrics.counter("rlp_http2_limits", GrpcPort.limitsHelp("the RLP port", "RLP"), "limit");
        refused = metrics.counter(
                "edge_refused",
                "Requests and connections on the Loggregator port that were refused: "
                        + String.join(", ", EdgeOptions.REASONS) + ".",
                "reason");
        closedIdle = metrics.counter(
                "edge_idle_closed",
                "Connections to the Loggregator port that were closed because no request came. request=first: not a byte within"
                        + " HTTP_HEADER_TIMEOUT; request=next: none for HTTP_IDLE_TIMEOUT after one before, or over HTTP/2"
                        + " nothing at all for as long.",
                "request");
        requests = metrics.counter(
                "edge_requests",
                "Requests on the Loggregator port. via: how the client's address is known, direct (the other end of the"
                        + " connection), proxy_protocol or forwarded (X-Forwarded-For of a trusted proxy); scheme: what"
                        + " the client speaks, http or https.",
                "via",
                "scheme");
        securityEventsLost = metrics.counter(
                "security_events_lost",
                "Lines of the security event log that could not be written, or not as fast as they came.");
        gatewayRefused = metrics.counter(
                "gateway_refused",
                "Requests and connections on the gateway port that were refused, for the reasons of edge_refused.",
                "reason");
        gatewayClosedIdle = metrics.counter(
                "gateway_idle_closed",
                "Connections to the gateway port that were closed because no request came, as edge_idle_closed counts"
                        + " them.",
                "request");
        gatewayHttp2Limits = metrics.counter(
                "gateway_http2_limits",
                "Times that a limit of HTTP/2 bit on a connection to the gateway port. limit=headers: the request line"
                        + " and headers of a request were too large together, and it was answered 431; limit=streams:"
                        + " GATEWAY_CONNECTION_STREAMS were open, so that further ones wait at the client or are refused;"
                        + " limit=flood: the client gave up more than GATEWAY_CONNECTION_RESETS in 30 s, or sent other frames that cost more to read than to send, and its connection was closed.",
                "limit");
        gatewayRequests = metrics.counter(
                "gateway_requests",
                "Requests on the gateway port; via and scheme as those of edge_requests.",
                "via",
                "scheme");
        metrics.observedGauge("gateway_streams", "Streams open on the gateway port.", () ->
                (double) sum(gateways, GatewayCounters::streams));
        metrics.observedCounter(
                "gateway_egress",
                "Envelopes written to clients of the gateway port, once for each client.",
                () -> sum(gateways, GatewayCounters::envelopes));
        metrics.observedCounter(
                "gateway_egress_bytes",
                "Bytes of events written to clients of the gateway port.",
                () -> sum(gateways, GatewayCounters::bytes));
        metrics.observedCounter(
                "gateway_held_back",
                "Envelopes that the filters of clients of the gateway port (instance, source_type, grep) held back.",
                () -> sum(gateways, GatewayCounters::heldBack));
        metrics.observedCounter(
                "gateway_loss_notices",
                "Notices of loss written to clients of the gateway port.",
                () -> sum(gateways, GatewayCounters::notices));
        metrics.observedCounter(
                "gateway_expired",
                "Streams on the gateway port that were ended because they had lived for STREAM_TIMEOUT.",
                () -> sum(gateways, GatewayCounters::expired));
    }

    void refused(String reason) {
        refused.labelValues(reason).inc();
    }

    void closedIdle(String request) {
        closedIdle.labelValues(request).inc();
    }

    void gatewayClosedIdle(String request) {
        gatewayClosedIdle.labelValues(request).inc();
    }

    void gatewayHttp2(Http2Limit limit) {
        gatewayHttp2Limits.labelValues(limit.label()).inc();
    }

    void gatewayRefused(String reason) {
        gatewayRefused.labelValues(reason).inc();
    }

    void gatewayRequested(String via, String scheme) {
        gatewayRequests.labelValues(via, scheme).inc();
    }

    void requested(String via, String scheme) {
        requests.labelValues(via, scheme).inc();
    }

    void securityEventsLost(long count) {
        securityEventsLost.inc(count);
    }

    @Override
    public void egress(int envelopes) {
        rlpEgress.add(envelopes);
    }

    @Override
    public void tooLarge() {
        rlpTooLarge.increment();
    }

    @Override
    public void notice() {
        rlpNotices.increment();
    }

    @Override
    public void open(int change) {
        rlpOpen.add(change);
    }

    @Override
    public void rejected() {
        rlpRejected.increment();
    }

    @Override
    public void stream(String code) {
        rlpStreams.labelValues(code).inc();
    }

    @Override
    public void connection(String reason) {
        rlpConnections.labelValues(reason).inc();
    }

    @Override
    public void http2(Http2Limit limit) {
        rlpHttp2Limits.labelValues(limit.label()).inc();
    }

    // ---- what it tells of itself in the stream -----------------------------------------------------------------

    long ingressForV1() {
        return sum(ClientCounters::ingressForV1);
    }

    long ingressForV2() {
        return sum(ClientCounters::ingressForV2);
    }

    long firehoseEgress() {
        return sum(ClientCounters::firehoseEgress);
    }

    long streamEgress() {
        return sum(ClientCounters::streamEgress);
    }

    double firehoses() {
        return sum(ClientCounters::firehoses);
    }

    double appStreams() {
        return sum(ClientCounters::appStreams);
    }

    /** Clients of every port, those that acknowledged nothing included. */
    long slowConsumers() {
        return sum(ClientCounters::slowConsumers) + sum(streams, StreamCounters::slow);
    }

    /** How long the newest answer took, on the event loop where it took longest. */
    double recentLogsMillis() {
        return longestMillis(ClientCounters::recentLogsNanos);
    }

    double containerMetricsMillis() {
        return longestMillis(ClientCounters::containerMetricsNanos);
    }

    private double longestMillis(ToLongFunction<ClientCounters> nanos) {
        return loops.stream().mapToLong(nanos).max().orElse(0) / 1e6;
    }

    long recentLogsTimeouts() {
        return sum(ClientCounters::recentLogsTimeouts);
    }

    long containerMetricsTimeouts() {
        return sum(ClientCounters::containerMetricsTimeouts);
    }

    /** Envelopes written to readers of v2, on whichever port. */
    long v2Egress() {
        return rlpEgress.sum() + sum(gateways, GatewayCounters::envelopes) + sum(streams, StreamCounters::envelopes);
    }

    /** Envelopes that this side left out; what the log lost, Dopplers tell. */
    long v2Dropped() {
        return rlpTooLarge.sum();
    }

    double v2Streams() {
        return rlpOpen.sum() + sum(gateways, GatewayCounters::streams) + sum(streams, StreamCounters::open);
    }

    long rejectedStreams() {
        return rlpRejected.sum();
    }

    long connects() {
        return sum(ClientCounters::connects);
    }

    long disconnects() {
        return sum(ClientCounters::disconnects);
    }

    private long sum(ToLongFunction<ClientCounters> count) {
        return sum(loops, count);
    }

    private static <T> long sum(List<T> loops, ToLongFunction<T> count) {
        return loops.stream().mapToLong(count).sum();
    }
}
