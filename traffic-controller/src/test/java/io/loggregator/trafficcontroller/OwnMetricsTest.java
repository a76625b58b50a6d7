package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a Traffic Controller tells of itself, and to which Doppler. */
class OwnMetricsTest {
    private static Vertx vertx;
    private static final String OFTEN = "20ms";

    private FakeDoppler first;
    private FakeDoppler second;
    private Controller controller;

    @BeforeEach
    void start() {
        first = FakeDoppler.start(vertx, "first").takingEnvelopes();
        second = FakeDoppler.start(vertx, "second").takingEnvelopes();
    }

    @AfterEach
    void stop() {
        controller.close();
        first.close();
        second.close();
    }

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void close() {
        vertx.close().await();
    }

    private void start(Map<String, String> more, FakeDoppler... dopplers) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of(
                "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", OFTEN,
                "RLP_METRIC_EMITTER_INTERVAL", OFTEN,
                "INSTANCE_ID", "tc-1"));
        settings.putAll(more);
        controller = Controller.start(vertx, Controller.TIMING, settings, dopplers);
    }

    @Test
    void itTellsWhatTheGoReleasesTwoProcessesWouldByTheirNames() throws Exception {
        start(Map.of(), first);
        await().until(() -> told(first).stream()
                        .anyMatch(own -> own.getSourceId().equals("traffic_controller"))
                && told(first).stream().anyMatch(own -> own.getSourceId().equals("reverse_log_proxy")));

        List<Envelope> told = told(first);
        assertThat(told).allSatisfy(own -> {
            assertThat(own.getInstanceId()).isEqualTo("tc-1");
            assertThat(own.getTimestamp()).isPositive();
        });
        assertThat(names(told, "traffic_controller", "loggregator.trafficcontroller"))
                .contains(
                        "ingress {metric_version=2.0, protocol=grpc}",
                        "egress {endpoint=firehose, metric_version=2.0}",
                        "egress {endpoint=stream, metric_version=2.0}",
                        "doppler_proxy.slow_consumer {metric_version=2.0}",
                        "query_timeout {metric_version=2.0, query=recent_logs}",
                        "query_timeout {metric_version=2.0, query=container_metrics}",
                        "doppler_proxy.firehoses connections {metric_version=2.0}",
                        "doppler_proxy.app_streams connections {metric_version=2.0}",
                        "doppler_proxy.recent_logs_latency ms {metric_version=2.0}",
                        "doppler_proxy.container_metrics_latency ms {metric_version=2.0}");
        assertThat(names(told, "reverse_log_proxy", "loggregator.rlp"))
                .contains(
                        "ingress {metric_version=2.0, protocol=grpc}",
                        "egress {metric_version=2.0}",
                        "dropped {direction=egress, metric_version=2.0}",
                        "rejected_streams {metric_version=2.0}",
                        "subscriptions total {metric_version=2.0}",
                        "log_router_connects {}",
                        "log_router_disconnects {}");
    }

    @Test
    void eachIsCountedWhereItIsRead() throws Exception {
        start(Map.of(), first);
        StreamClient firehose = connect("/firehose/nozzle");
        long member = first.member("nozzle");
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", controller.rlpPort())
                .usePlaintext()
                .build();
        try {
            EgressClient.batched(
                    channel,
                    EgressBatchRequest.newBuilder()
                            .setShardId("shard")
                            .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                            .build());
            long v2 = first.member("shard");
            first.deliver(member, 1, Envelopes.logs("app", "x", 0, 30));
            first.deliver(v2, 1, Envelopes.logs("app", "x", 0, 7));
            firehose.received(30);

            await().until(() -> delta("traffic_controller", "egress", Map.of("endpoint", "firehose")) == 30
                    && delta("reverse_log_proxy", "egress", Map.of()) == 7);
            assertThat(delta("traffic_controller", "ingress", Map.of())).isEqualTo(30);
            assertThat(delta("reverse_log_proxy", "ingress", Map.of())).isEqualTo(7);
            assertThat(controller.metric("ingress_total")).isEqualTo(37);
            await().until(() -> lastGauge("doppler_proxy.firehoses") == 1 && lastGauge("subscriptions") == 1);
        } finally {
            channel.shutdownNow();
        }
        assertThat(delta("reverse_log_proxy", "log_router_connects", Map.of())).isEqualTo(1);
    }

    @Test
    void oneDopplerIsToldAndAnotherWhenTheLinkToItEnds() throws Exception {
        start(Map.of(), first, second);
        StreamClient firehose = connect("/firehose/nozzle");
        FakeDoppler told = await().until(this::whoIsTold, found -> found != null);
        FakeDoppler other = told == first ? second : first;
        long atTold = told.member("nozzle");
        long atOther = other.member("nozzle");
        told.deliver(atTold, 1, Envelopes.logs("app", "x", 0, 100));
        firehose.received(100);
        await().until(() -> delta("traffic_controller", "ingress", Map.of()) == 100);
        assertThat(told(other)).isEmpty();

        told.breakLink();
        other.deliver(atOther, 1, Envelopes.logs("app", "x", 100, 150));
        firehose.received(150);
        await().until(() -> delta("traffic_controller", "ingress", Map.of()) == 150);
        assertThat(total(told(other), "ingress")).isEqualTo(150);

        // A link that is back changes nothing, as long as the other one is there.
        await().until(() -> told.links().size() == 2);
        told.linked();
        int before = told(other).size();
        await().until(() -> told(other).size() > 3 * before);
        assertThat(told.links().get(1).envelopes()).isEmpty();
    }

    @Test
    void aDopplerThatStopsIsToldNothingMore() throws Exception {
        start(Map.of(), first, second);
        FakeDoppler told = await().until(this::whoIsTold, found -> found != null);
        FakeDoppler other = told == first ? second : first;

        told.goodbye();

        await().until(() -> !told(other).isEmpty());
        int last = told(told).size();
        int before = told(other).size();
        await().until(() -> told(other).size() > 3 * before);
        assertThat(told(told)).hasSize(last);
    }

    @Test
    void whatGrewWhileNoDopplerTookItIsToldToTheNextThatDoes() throws Exception {
        FakeDoppler refusing = FakeDoppler.start(vertx, "refusing");
        try {
            start(Map.of(), refusing);
            StreamClient firehose = connect("/firehose/nozzle");
            refusing.deliver(refusing.member("nozzle"), 1, Envelopes.logs("app", "x", 0, 40));
            firehose.received(40);
            refusing.takingEnvelopes().breakLink();
            await().until(() -> total(told(refusing), "ingress") == 40);
            assertThat(refusing.links().get(0).envelopes()).isEmpty();
            assertThat(told(refusing).stream()
                            .map(Envelope::getCounter)
                            .filter(counter -> counter.getName().equals("ingress"))
                            .mapToLong(Counter::getDelta)
                            .sum())
                    .isEqualTo(40);
        } finally {
            controller.close();
            refusing.close();
        }
    }

    @Test
    void aLastPulseTellsWhatIsLeftWhenItStops() throws Exception {
        start(Map.of("TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "1h"), first);
        StreamClient firehose = connect("/firehose/nozzle");
        first.deliver(first.member("nozzle"), 1, Envelopes.logs("app", "x", 0, 25));
        firehose.received(25);
        assertThat(delta("traffic_controller", "ingress", Map.of())).isZero();

        controller.stop();

        await().until(() -> delta("traffic_controller", "ingress", Map.of()) == 25);
    }

    @Test
    void anIntervalOfZeroTurnsThemOff() throws Exception {
        start(Map.of("TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0"), first);
        await().until(() -> told(first).size() > 30);
        controller.stop();
        assertThat(told(first)).allMatch(own -> own.getSourceId().equals("reverse_log_proxy"));
    }

    @Test
    void aSlowConsumerIsAnEvent() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s", "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "1h"), first);
        try (BareWebSocket stalled = BareWebSocket.connectNarrow(
                controller.port(),
                "/firehose/stalled?filter-type=logs",
                "X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-For: 10.4.5.6\r\n")) {
            long member = first.member("stalled");
            for (int i = 0; i < 32; i++) {
                first.deliver(member, i + 1, Envelopes.largeLogs("app", i * 125, (i + 1) * 125));
            }
            await().until(() -> told(first).stream().anyMatch(Envelope::hasEvent));

            Envelope own =
                    told(first).stream().filter(Envelope::hasEvent).findFirst().orElseThrow();
            assertThat(own.getSourceId()).isEqualTo("traffic_controller");
            assertThat(own.getTagsMap()).containsEntry("origin", "loggregator.trafficcontroller");
            Event event = own.getEvent();
            assertThat(event.getTitle()).isEqualTo("Traffic Controller has disconnected slow consumer");
            assertThat(event.getBody())
                    .startsWith("Remote Address: " + stalled.localAddress()
                            + "\nX-Forwarded-For: 10.1.2.3, 10.4.5.6"
                            + "\nPath: /firehose/stalled?filter-type=logs\n\n");
            assertThat(delta("traffic_controller", "doppler_proxy.slow_consumer", Map.of()))
                    .isEqualTo(1);
        }
    }

    // ---- what was told -------------------------------------------------------------------------------------------

    private static List<Envelope> told(FakeDoppler doppler) {
        return doppler.links().stream()
                .flatMap(link -> link.envelopes().stream())
                .toList();
    }

    private FakeDoppler whoIsTold() {
        return Stream.of(first, second)
                .filter(doppler -> !told(doppler).isEmpty())
                .findFirst()
                .orElse(null);
    }

    /** By what a counter grew, as both Dopplers were told. */
    private long delta(String source, String name, Map<String, String> tags) {
        return Stream.of(first, second)
                .flatMap(doppler -> told(doppler).stream())
                .filter(own -> own.getSourceId().equals(source)
                        && own.getCounter().getName().equals(name)
                        && own.getTagsMap().entrySet().containsAll(tags.entrySet()))
                .mapToLong(own -> own.getCounter().getDelta())
                .sum();
    }

    private static long total(List<Envelope> told, String name) {
        return told.stream()
                .filter(own -> own.getSourceId().equals("traffic_controller")
                        && own.getCounter().getName().equals(name))
                .mapToLong(own -> own.getCounter().getTotal())
                .reduce(0, (older, newer) -> newer);
    }

    private double lastGauge(String name) {
        return told(first).stream()
                .filter(own -> own.getGauge().containsMetrics(name))
                .mapToDouble(own -> own.getGauge().getMetricsOrThrow(name).getValue())
                .reduce(-1, (older, newer) -> newer);
    }

    /** Counters by name and tags, gauges with their unit between them; all of one origin. */
    private static List<String> names(List<Envelope> told, String source, String origin) {
        return told.stream()
                .filter(own -> own.getSourceId().equals(source))
                .map(own -> {
                    Map<String, String> tags = new TreeMap<>(own.getTagsMap());
                    assertThat(tags.remove("origin")).isEqualTo(origin);
                    return own.hasCounter()
                            ? own.getCounter().getName() + " " + tags
                            : own.getGauge().getMetricsMap().entrySet().stream()
                                            .map(gauge -> gauge.getKey() + " "
                                                    + gauge.getValue().getUnit())
                                            .findFirst()
                                            .orElseThrow()
                                    + " " + tags;
                })
                .distinct()
                .toList();
    }

    private StreamClient connect(String path) {
        return Library.VERTX.connect(vertx, controller.port(), path);
    }
}
