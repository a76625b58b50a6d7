package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.lane.V1Counters;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.wire.v1.V1ToV2;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;

/** Declares the metrics of v1 ingress; each way in tells of itself when it starts. Safe for use by any thread. */
public final class ListenerMetrics {
    private static final String PROTOCOL = "protocol";

    private final Map<String, List<V1Counters>> counters = new ConcurrentSkipListMap<>();
    private final Map<String, AtomicInteger> connections = new ConcurrentSkipListMap<>();
    private final Map<String, PartialFrames> partialFrames = new ConcurrentSkipListMap<>();
    private final Counter cut;
    private volatile List<UdpSocket> sockets = List.of();

    public ListenerMetrics(Metrics metrics) {
        metrics.observedCounters(
                "listeners_received_messages",
                "v1 messages received, good or bad, by protocol: grpc (Pusher), udp (datagrams), tcp and tls (frames).",
                series -> each(series, V1Counters::messages),
                PROTOCOL);
        metrics.observedCounters(
                "listeners_received_bytes",
                "Bytes of these messages.",
                series -> each(series, V1Counters::bytes),
                PROTOCOL);
        metrics.observedCounters(
                "listeners_received_envelopes", "v1 envelopes taken in.", this::envelopes, PROTOCOL, "event_type");
        metrics.observedCounters(
                "listeners_left_out",
                "v1 messages left out. reason=undecodable: no v1 envelope, or one above 10 MiB;"
                        + " reason=unknown_event_type: of a type that v2 does not have, such as HttpStart;"
                        + " reason=missing_signature and reason=invalid_signature: datagrams that were not looked into."
                        + " What was received is what was taken in and what was left out.",
                this::leftOut,
                PROTOCOL,
                "reason");
        metrics.observedCounter(
                "signature_verifier_valid_signatures",
                "Datagrams whose signature was made with DOPPLER_SHARED_SECRET.",
                () -> signatures(Signatures::valid));
        metrics.observedCounter(
                "signature_verifier_invalid_signature_errors",
                "Datagrams dropped because their signature was not.",
                () -> signatures(Signatures::invalid));
        metrics.observedCounter(
                "signature_verifier_missing_signature_errors",
                "Datagrams dropped because they were shorter than a signature.",
                () -> signatures(Signatures::missing));
        metrics.observedCounter(
                "udp_kernel_drops",
                "Datagrams that the kernel dropped because a socket's receive buffer was full, up to a second ago;"
                        + " always 0 without native sockets.",
                () -> sockets.stream()
                        .filter(socket -> socket.drops() != null)
                        .mapToLong(socket -> socket.drops().count())
                        .sum());
        metrics.observedGauges(
                "listeners_connections",
                "Connections with framed v1 envelopes.",
                series -> connections.forEach((protocol, count) -> series.value(count.get(), protocol)),
                PROTOCOL);
        metrics.observedGauges(
                "listeners_partial_bytes",
                "Memory of frames that have come in part, beyond the first 4 KiB of each connection.",
                series -> partialFrames.forEach((protocol, partial) -> series.value(partial.bytes(), protocol)),
                PROTOCOL);
        cut = metrics.counter(
                "listeners_receive_errors",
                "Connections with framed v1 envelopes that were refused or cut. reason=too_many: above the number that"
                        + " one port serves; reason=frame_too_long; reason=no_room: no memory for frames that have come in part; reason=ended_in_frame: the peer closed within a frame;"
                        + " reason=idle; reason=broken: the transport failed; reason=stopped: this Doppler stopped before"
                        + " there was a lull.",
                PROTOCOL,
                "reason");
    }

    /** Has a way in told of; once for each protocol. */
    public void observe(String protocol, List<V1Counters> lanes) {
        counters.put(protocol, List.copyOf(lanes));
    }

    void udp(List<UdpSocket> listening) {
        observe(
                "udp",
                listening.stream().map(socket -> socket.intake().counters()).toList());
        sockets = listening;
    }

    /** Counts the open connections of a protocol. */
    AtomicInteger connections(String protocol) {
        return connections.computeIfAbsent(protocol, unknown -> new AtomicInteger());
    }

    /** Tells how much of the memory for a protocol's frames is taken. */
    void observe(String protocol, PartialFrames partial) {
        partialFrames.put(protocol, partial);
    }

    void cut(String protocol, String reason) {
        cut.labelValues(protocol, reason).inc();
    }

    private void each(Metrics.Series series, ToLongFunction<V1Counters> what) {
        counters.forEach((protocol, lanes) -> series.value(sum(lanes, what), protocol));
    }

    private static long sum(List<V1Counters> lanes, ToLongFunction<V1Counters> what) {
        return lanes.stream().mapToLong(what).sum();
    }

    private void envelopes(Metrics.Series series) {
        counters.forEach((protocol, lanes) -> {
            for (int i = 0; i < V1ToV2.EVENT_TYPES.size(); i++) {
                int type = i;
                series.value(sum(lanes, lane -> lane.envelopes(type)), protocol, V1ToV2.EVENT_TYPES.get(type));
            }
        });
    }

    private void leftOut(Metrics.Series series) {
        counters.forEach((protocol, lanes) -> {
            series.value(sum(lanes, V1Counters::undecodable), protocol, "undecodable");
            series.value(sum(lanes, V1Counters::unknownType), protocol, "unknown_event_type");
        });
        if (!sockets.isEmpty()) {
            series.value(signatures(Signatures::missing), "udp", "missing_signature");
            series.value(signatures(Signatures::invalid), "udp", "invalid_signature");
        }
    }

    private long signatures(ToLongFunction<Signatures> what) {
        return sockets.stream()
                .filter(socket -> socket.signatures() != null)
                .mapToLong(socket -> what.applyAsLong(socket.signatures()))
                .sum();
    }
}
