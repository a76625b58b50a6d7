package io.loggregator.doppler;

import io.loggregator.doppler.egress.EgressCounters;
import io.loggregator.doppler.egress.EgressService;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.grpc.GrpcPort;
import io.loggregator.node.grpc.Refusals;
import io.loggregator.node.http2.Http2Limit;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.GroupLag;
import io.loggregator.stream.dispatch.GroupLedger;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Declares the Doppler's metrics; each is what the lanes counted, added up. */
final class DopplerMetrics implements Refusals {
    /** Of groups that look the same. */
    private record Lag(long bytes, long millis) {
        Lag and(Lag other) {
            return new Lag(bytes + other.bytes, Math.max(millis, other.millis));
        }
    }

    private record Count(String what, ToLongFunction<GroupLedger> count) {}

    private static final List<Count> COUNTS = List.of(
            new Count("accepted", GroupLedger::accepted),
            new Count("delivered", GroupLedger::delivered),
            new Count("lapped", GroupLedger::lapped),
            new Count("thinned", GroupLedger::thinned),
            new Count("unconfirmed", GroupLedger::unconfirmed),
            new Count("stopped", GroupLedger::stopped),
            new Count("abandoned", GroupLedger::abandoned),
            new Count("redelivered", GroupLedger::redelivered),
            new Count("retold", GroupLedger::retold));

    private final Metrics metrics;
    private final List<DopplerLane> lanes;
    private final Counter ingressRefused;
    private final Counter ingressConnectionsRefused;
    private final Counter ingressHttp2Limits;
    private final Counter linkRefused;
    private final Counter linkFull;

    /** @param lanes filled before the first scrape */
    DopplerMetrics(Metrics metrics, List<DopplerLane> lanes) {
        this.metrics = metrics;
        this.lanes = lanes;
        metrics.observedCounter("ingress", "Envelopes taken in.", this::ingress);
        metrics.observedCounter(
                "ingress_bytes",
                "Bytes of the batches taken in.",
                () -> sum(lane -> lane.lane().counters().acceptedBytes()));
        metrics.observedCounter(
                "ingress_messages",
                "Batches taken in: gRPC messages, and of v1 envelopes what came in one turn of an event loop.",
                () -> sum(lane -> lane.counters().batches()));
        metrics.observedCounters(
                "ingress_malformed",
                "Input left out because it is malformed: what=batch whole messages whose framing is unsound,"
                        + " what=envelope single envelopes inside sound messages, what=bytes the bytes of both.",
                series -> {
                    series.value(sum(lane -> lane.counters().malformedBatches()), "batch");
                    series.value(sum(lane -> lane.counters().malformedEnvelopes()), "envelope");
                    series.value(sum(lane -> lane.counters().malformedBytes()), "bytes");
                },
                "what");
        metrics.observedCounter(
                "ingress_streams_ended",
                "Streams of agents that the Doppler ended in a pause, because they were older than INGRESS_MAX_AGE or because it"
                        + " stops. Those that had no pause are in ingress_refused, code=UNAVAILABLE.",
                () -> sum(lane -> lane.counters().streamsEnded()));
        ingressRefused = metrics.counter(
                "ingress_refused",
                "Streams of the router port, of agents and of readers, that ended with an error of ours, by gRPC status:"
                        + " RESOURCE_EXHAUSTED is a message above ROUTER_MESSAGE_BYTES, one that took too much of INGRESS_PARTIAL_BYTES, or a limit on"
                        + " readers.",
                "code");
        ingressConnectionsRefused = metrics.counter(
                "ingress_connections_refused", GrpcPort.connectionsHelp("the router port", "ROUTER"), "reason");
        ingressHttp2Limits =
                metrics.counter("ingress_http2_limits", GrpcPort.limitsHelp("the router port", "ROUTER"), "limit");
        linkRefused = metrics.counter(
                "link_refused",
                "Connections on the link port that were refused or cut: too_many, handshake, garbage, path, subprotocol,"
                        + " protocol, silent.",
                "reason");
        linkFull = metrics.counter(
                "link_full",
                "Times that as much waited to be written to a Traffic Controller as DOPPLER_LINK_BUFFER lets. More waits in the"
                        + " log.");
        metrics.observedCounter("egress", "Envelopes that clients in groups confirmed.", this::egress);
        metrics.observedCounters(
                "dropped",
                "Envelopes that a reader did not get. reason=lapped: the log was overwritten first;"
                        + " reason=thinned: they were of the sources that use most of the stream, and the reader was so late"
                        + " that the log gave them up for the sake of the others;"
                        + " reason=unconfirmed: a client left without confirming them and the log no longer held them"
                        + " (they may have arrived); reason=stopped: not sent before this Doppler stopped;"
                        + " reason=abandoned: they waited for a group nobody came back to."
                        + " place=group: once for each group; place=tail: once for each link whose app streams"
                        + " wanted them.",
                series -> {
                    series.value(sum(lane -> lane.lane().counters().lappedGroups()), "egress", "group", "lapped");
                    series.value(sum(lane -> lane.lane().counters().lappedTails()), "egress", "tail", "lapped");
                    series.value(sum(lane -> lane.lane().counters().thinnedGroups()), "egress", "group", "thinned");
                    series.value(sum(lane -> lane.lane().counters().thinnedTails()), "egress", "tail", "thinned");
                    series.value(sum(lane -> lane.lane().counters().unconfirmed()), "egress", "group", "unconfirmed");
                    series.value(sum(lane -> lane.lane().counters().stoppedGroups()), "egress", "group", "stopped");
                    series.value(
                            sum(lane -> lane.lane().counters().stoppedTails()
                                    + lane.lane().counters().stoppedAbsentTails()),
                            "egress",
                            "tail",
                            "stopped");
                    series.value(sum(lane -> lane.lane().counters().abandoned()), "egress", "group", "abandoned");
                },
                "direction",
                "place",
                "reason");
        metrics.observedCounter(
                "redelivered",
                "Envelopes sent again because a client left without confirming them.",
                () -> sum(lane -> lane.lane().counters().redelivered()));
        metrics.observedCounter(
                "tail_unknown_losses",
                "How often app streams behind a link, or those of one app, were told that something is lost without a number:"
                        + " their link was down for so long, or so much was under way when it broke, that nobody knows.",
                () -> sum(lane -> lane.lane().counters().unnumberedTails()));
        metrics.observedCounter(
                "link_bytes",
                "Batch bytes sent to Traffic Controllers.",
                () -> sum(lane -> lane.lane().counters().linkBytes()));
        metrics.observedCounter(
                "link_catch_up_bytes",
                "Batch bytes read from the log again for readers that had fallen behind.",
                () -> sum(lane -> lane.lane().counters().catchUpBytes()));
        metrics.observedCounter(
                "window_full",
                "Times that an event loop sent a client of a Traffic Controller nothing more, because it had not confirmed as much"
                        + " as it may have, its share of EGRESS_BYTES there. More waits in the log; counted again once"
                        + " half of it was confirmed.",
                () -> sum(lane -> lane.lane().counters().windowsFull()));
        metrics.observedCounter(
                "lag_notices",
                "Times that an event loop told a client of a Traffic Controller, or a gRPC reader in its stream, that it lags: the"
                        + " oldest that it has not been handed is behind by half of what the log keeps whole. Before it loses"
                        + " anything, and again only after it has caught up.",
                () -> sum(lane -> lane.lane().counters().lagNotices()));
        metrics.observedGauge(
                "subscriptions",
                "Groups of readers, those in their grace period included. The metric of that name in the stream counts"
                        + " readers.",
                this::subscriptions);
        metrics.observedCounters(
                "subscriptions_forgotten",
                "Subscriptions without a client that an event loop did not keep any longer. reason=expired: nobody came back in the"
                        + " time that the Traffic Controller asked for (FIREHOSE_GRACE there); reason=too_many: before that"
                        + " time, as it had more than it asked for (FIREHOSE_GROUPS).",
                series -> {
                    series.value(sum(lane -> lane.lane().counters().expiredGroups()), "expired");
                    series.value(sum(lane -> lane.lane().counters().groupsTooMany()), "too_many");
                },
                "reason");
        metrics.observedCounters(
                "subscription_envelopes",
                "The ledger of each group: accepted = delivered + dropped + what is still on its way."
                        + " redelivered counts second sendings, retold what was dropped and is told once more because a client left"
                        + " without confirming the word of it; both stand beside the sum."
                        + " A subscription that is forgotten keeps its ledger while it is one of the 100 that were last."
                        + " Clients without a shard id are counted together, filter=alone.",
                this::ledgers,
                "protocol",
                "subscription",
                "filter",
                "what");
        metrics.observedGauges(
                "subscription_behind_seconds",
                "How long ago the oldest batch arrived that a group has not been handed, a second ago at most; 0 at the head, and"
                        + " of groups that look the same the one that is furthest behind.",
                series -> lags(series, lag -> lag.millis() / 1e3),
                "protocol",
                "subscription",
                "filter");
        metrics.observedGauges(
                "subscription_behind_bytes",
                "Bytes of the log from the oldest batch on that a group has not been handed, those of other sources included, over"
                        + " all event loops. LOG_BYTES is what there is room for.",
                series -> lags(series, Lag::bytes),
                "protocol",
                "subscription",
                "filter");
        metrics.observedGauge(
                "recent_sources", "Sources whose recent past is kept.", () -> (double) sum(DopplerLane::recentSources));
        metrics.observedGauge(
                "recent_bytes", "Memory that the recent past takes.", () -> (double) sum(DopplerLane::recentBytes));
        metrics.observedCounters(
                "recent_evicted",
                "What gave way in the recent past: what=source sources forgotten for room, what=log single lines.",
                series -> {
                    series.value(sum(DopplerLane::recentEvictedSources), "source");
                    series.value(sum(DopplerLane::recentEvictedLogs), "log");
                },
                "what");
    }

    /** Declares what readers at the router port get. */
    void egress(EgressService egress) {
        List<EgressCounters> protocols = List.of(egress.v1(), egress.v2());
        perProtocol(
                "egress_stream_envelopes",
                "Envelopes written to readers at the router port.",
                protocols,
                EgressCounters::envelopes);
        perProtocol(
                "egress_stream_bytes", "Bytes of the messages that carried them.", protocols, EgressCounters::bytes);
        perProtocol(
                "egress_stream_dropped",
                "Envelopes that readers at the router port were told they did not get.",
                protocols,
                EgressCounters::dropped);
        metrics.observedGauges(
                "egress_streams",
                "Streams open to readers at the router port.",
                series -> protocols.forEach(counters -> series.value(counters.streams(), counters.protocol())),
                "protocol");
        metrics.observedGauge(
                "egress_stream_waiting_bytes", "Bytes that wait to be written to readers at the router port.", () ->
                        (double) egress.waiting());
        metrics.observedCounters(
                "egress_v1_left_out",
                "What v1 readers at the router port cannot be sent: what=envelope v2 envelopes without a form in v1,"
                        + " what=log log lines cut to 1 MiB. Once for each time that it is rendered.",
                series -> {
                    series.value(egress.skippedByV1(), "envelope");
                    series.value(egress.cutByV1(), "log");
                },
                "what");
    }

    private void perProtocol(
            String name, String help, List<EgressCounters> protocols, ToLongFunction<EgressCounters> count) {
        metrics.observedCounters(
                name,
                help,
                series -> protocols.forEach(counters -> series.value(count.applyAsLong(counters), counters.protocol())),
                "protocol");
    }

    @Override
    public void stream(String code) {
        ingressRefused.labelValues(code).inc();
    }

    @Override
    public void connection(String reason) {
        ingressConnectionsRefused.labelValues(reason).inc();
    }

    @Override
    public void http2(Http2Limit limit) {
        ingressHttp2Limits.labelValues(limit.label()).inc();
    }

    /** Envelopes taken in. */
    long ingress() {
        return sum(lane -> lane.counters().envelopes());
    }

    /** Envelopes that reached readers. */
    long egress() {
        return sum(lane -> lane.lane().counters().delivered());
    }

    /** What came in and was left out. */
    long droppedIngress() {
        return sum(
                lane -> lane.counters().malformedEnvelopes() + lane.counters().malformedBatches());
    }

    /** What readers did not get. */
    long droppedEgress() {
        return sum(lane -> lane.lane().counters().dropped());
    }

    double subscriptions() {
        return lanes.stream()
                .mapToLong(lane -> lane.lane().ledgers().values().stream()
                        .filter(ledger -> !ledger.forgotten())
                        .count())
                .max()
                .orElse(0);
    }

    /** Open streams, as the Go release counts them; what a link carries counts as the streams it stands for. */
    double openStreams() {
        return lanes.stream()
                .mapToLong(lane -> lane.lane().counters().readers())
                .max()
                .orElse(0);
    }

    void linkRefused(String reason) {
        linkRefused.labelValues(reason).inc();
    }

    void linkFull() {
        linkFull.inc();
    }

    private long sum(ToLongFunction<DopplerLane> count) {
        return lanes.stream().mapToLong(count).sum();
    }

    /** Groups that look the same here are one; so are all clients' own groups of a protocol, of which there may be many. */
    private void ledgers(Metrics.Series series) {
        Map<List<String>, long[]> sums = new LinkedHashMap<>();
        for (DopplerLane lane : lanes) {
            lane.lane().ledgers().forEach((key, ledger) -> {
                add(sums, labels(key, ledger.alone()), ledger);
            });
            lane.lane().gone().forEach((protocol, ledger) -> add(sums, alone(protocol), ledger));
        }
        sums.forEach((labels, counts) -> {
            for (int i = 0; i < COUNTS.size(); i++) {
                series.value(
                        counts[i],
                        labels.get(0),
                        labels.get(1),
                        labels.get(2),
                        COUNTS.get(i).what());
            }
        });
    }

    private static List<String> labels(GroupKey key, boolean alone) {
        return alone
                ? alone(key.protocol())
                : List.of(
                        key.protocol(),
                        key.subscription(),
                        key.selection().toString().toLowerCase(Locale.ROOT));
    }

    private static List<String> alone(String protocol) {
        return List.of(protocol, "", "alone");
    }

    private static void add(Map<List<String>, long[]> sums, List<String> labels, GroupLedger ledger) {
        long[] counts = sums.computeIfAbsent(labels, first -> new long[COUNTS.size()]);
        for (int i = 0; i < counts.length; i++) {
            counts[i] += COUNTS.get(i).count().applyAsLong(ledger);
        }
    }

    private void lags(Metrics.Series series, ToDoubleFunction<Lag> measure) {
        Map<List<String>, Lag> all = new LinkedHashMap<>();
        for (DopplerLane lane : lanes) {
            for (GroupLag lag : lane.lags()) {
                all.merge(labels(lag.key(), lag.alone()), new Lag(lag.bytes(), lag.millis()), Lag::and);
            }
        }
        all.forEach(
                (labels, lag) -> series.value(measure.applyAsDouble(lag), labels.get(0), labels.get(1), labels.get(2)));
    }
}
