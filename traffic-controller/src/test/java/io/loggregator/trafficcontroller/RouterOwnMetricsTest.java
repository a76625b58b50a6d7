package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.loggregator.trafficcontroller.FakeRouter.Sending;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a Traffic Controller tells of itself where all its Dopplers are of the Go release. */
@ExtendWith(BufferLeaks.class)
class RouterOwnMetricsTest {
    private static final String FAILED = "router_own_metrics_failed_total";

    /** For the first connections of all, on a machine that is busy. */
    private static final Duration LONG = Duration.ofSeconds(60);

    private static Vertx vertx;

    @TempDir
    private static Path directory;

    private static FakeRouter.Authority authority;
    private FakeRouter first;
    private FakeRouter second;
    private Controller controller;

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
        authority = new FakeRouter.Authority(directory);
    }

    @BeforeEach
    void start() {
        first = FakeRouter.start("127.0.0.1", authority, "doppler");
        second = FakeRouter.start("127.0.0.2", authority, "doppler");
    }

    @AfterEach
    void stop() {
        controller.close();
        first.close();
        second.close();
    }

    @AfterAll
    static void close() {
        vertx.close().await();
    }

    @Test
    void itSendsThemInAStreamAsAgentsDo() throws Exception {
        start("20ms", first);
        StreamClient nozzle = nozzle();
        route(first, 30);
        nozzle.received(30);

        await().until(() -> growth("ingress") == 30);
        await().until(() ->
                first.sent().stream().anyMatch(own -> own.getSourceId().equals("reverse_log_proxy")));
        assertThat(first.sendings()).hasSize(1);
        assertThat(first.sent()).allSatisfy(own -> {
            assertThat(own.getInstanceId()).isEqualTo("tc-1");
            assertThat(own.getTagsOrThrow("origin")).startsWith("loggregator.");
        });
        assertThat(last("ingress").getCounter().getTotal()).isEqualTo(30);
        assertThat(controller.metric(FAILED)).isZero();
    }

    @Test
    void aLinkIsPreferred() throws Exception {
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.3").setPort(0);
        authority.material("doppler").applyTo(options, true);
        try (FakeDoppler linked = FakeDoppler.start(vertx, options, "linked").takingEnvelopes()) {
            start("20ms", Map.of("DOPPLER_LINK_ADDRS", "127.0.0.3:" + linked.port()), first);
            // What was due before there was a link has arrived after these.
            await().until(() -> linked.linked().envelopes().size() > 1_000);
            int before = first.sent().size();
            await().until(() -> linked.linked().envelopes().size() > 1_500);
            assertThat(first.sent()).hasSize(before);
        }
    }

    @Test
    void aDopplerThatIsBackIsToldWhatGrewMeanwhile() throws Exception {
        start("20ms", first);
        StreamClient nozzle = nozzle();
        route(first, 30);
        nozzle.received(30);
        await().until(() -> growth("ingress") == 30);

        first.kill();
        await().until(() -> controller.metric("router_connections") == 0);
        first.listenAgain();
        route(first, 12);
        nozzle.received(30 + 2 + 12); // a loss of unknown size is told in between

        await().until(() -> growth("ingress") == 42);
        assertThat(last("ingress").getCounter().getTotal()).isEqualTo(42);
        assertThat(first.sendings()).hasSize(2);
    }

    @Test
    void anotherDopplerIsToldWhenTheOneIsGone() throws Exception {
        start("20ms", first, second);
        FakeRouter told = await().until(this::whoIsTold, found -> found != null);
        FakeRouter other = told == first ? second : first;
        assertThat(other.sent()).isEmpty();

        told.kill();

        await().until(() -> !other.sent().isEmpty());
    }

    @Test
    void oneThatRefusesThemIsCountedAndNothingIsForgotten() throws Exception {
        first.refuseSenders(Status.PERMISSION_DENIED.withDescription("not one of ROUTER_CLIENT_NAMES"));
        start("20ms", first);
        StreamClient nozzle = nozzle();
        route(first, 30);
        nozzle.received(30);
        await().until(() -> controller.metric(FAILED) > 3);

        first.refuseSenders(null);

        await().until(() -> growth("ingress") == 30);
    }

    @Test
    void oneThatReadsNothingGetsNothingMore() throws Exception {
        first.reads(false);
        second.reads(false);
        start("5ms", first, second);
        // Both components pulse a hundred times a second, until gRPC has no more room.
        await().until(() -> controller.metric(FAILED) > 0);
        FakeRouter stuck = Stream.of(first, second)
                .filter(router -> !router.sendings().isEmpty())
                .findFirst()
                .orElseThrow();
        await().until(() -> stuck.sendings().get(0).cancelled);

        first.reads(true);
        second.reads(true);

        await().until(() -> whoIsTold() != null);
    }

    @Test
    void aLastPulseArrivesBeforeItStops() throws Exception {
        start("1h", first);
        StreamClient nozzle = nozzle();
        route(first, 25);
        nozzle.received(25);
        assertThat(first.sent()).isEmpty();

        controller.stop();

        assertThat(growth("ingress")).isEqualTo(25);
        Sending sending = first.sendings().get(0);
        assertThat(sending.completed).isTrue();
        assertThat(sending.cancelled).isFalse();
    }

    // ---- helpers -------------------------------------------------------------------------------------------------

    private void start(String interval, FakeRouter... routers) throws Exception {
        start(interval, Map.of(), routers);
    }

    private void start(String interval, Map<String, String> more, FakeRouter... routers) throws Exception {
        Map<String, String> settings = new HashMap<>(authority.settings());
        settings.put("TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", interval);
        settings.put("RLP_METRIC_EMITTER_INTERVAL", interval);
        settings.put("INSTANCE_ID", "tc-1");
        settings.put("ROUTER_ADDRS", Stream.of(routers).map(FakeRouter::address).collect(Collectors.joining(",")));
        settings.putAll(more);
        controller = Controller.start(vertx, Controller.TIMING, settings);
        await().atMost(LONG).until(() -> controller.metric("router_connections") == routers.length);
    }

    private StreamClient nozzle() {
        StreamClient nozzle = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle");
        first.firehose("nozzle");
        return nozzle;
    }

    private FakeRouter whoIsTold() {
        return Stream.of(first, second)
                .filter(router -> !router.sent().isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static void route(FakeRouter router, int count) {
        router.firehose("nozzle");
        for (int i = 0; i < count; i++) {
            router.route(
                    "app",
                    true,
                    EventFactory.Envelope.newBuilder()
                            .setOrigin("rep")
                            .setEventType(EventType.LogMessage)
                            .setLogMessage(LogMessage.newBuilder()
                                    .setMessage(ByteString.copyFromUtf8("line"))
                                    .setMessageType(LogMessage.MessageType.OUT)
                                    .setTimestamp(7)
                                    .setAppId("app"))
                            .build());
        }
    }

    private List<Envelope> told(String counter) {
        return first.sent().stream()
                .filter(own -> own.getSourceId().equals("traffic_controller")
                        && own.getCounter().getName().equals(counter))
                .toList();
    }

    private long growth(String counter) {
        return told(counter).stream()
                .mapToLong(own -> own.getCounter().getDelta())
                .sum();
    }

    private Envelope last(String counter) {
        List<Envelope> told = told(counter);
        return told.get(told.size() - 1);
    }
}
