package io.loggregator.trafficcontroller;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.loggregator.trafficcontroller.FakeRouter.Subscriber;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.cloudfoundry.loggregator.plumbing.Filter;
import org.cloudfoundry.loggregator.plumbing.LogFilter;
import org.cloudfoundry.loggregator.plumbing.MetricFilter;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Dopplers of the Go release upstream: what clients get of them, and what they are asked for. */
@ExtendWith(BufferLeaks.class)
class RouterTest {
    private static Vertx vertx;
    /** Messages of 60,000 bytes. */
    private static final int MANY = 400;

    private static final String LOSSES = "router_unknown_losses_total";
    private static final String REFUSED = "router_refused_total";

    @TempDir
    private static Path directory;

    private static FakeRouter.Authority authority;
    private FakeRouter router;
    private final List<Controller> controllers = new ArrayList<>();

    @BeforeAll
    static void createAuthority() {
        vertx = Vertx.vertx();
        authority = new FakeRouter.Authority(directory);
    }

    @BeforeEach
    void start() {
        router = FakeRouter.start("127.0.0.1", authority, "doppler");
    }

    @AfterEach
    void stop() {
        controllers.forEach(Controller::close);
        router.close();
    }

    @AfterAll
    static void close() {
        vertx.close().await();
    }

    // ---- v1 firehoses --------------------------------------------------------------------------------------------

    @Test
    void aFirehoseSubscribesOnceAndGetsEverythingInOrder() throws Exception {
        StreamClient client = connect(controller(), "/firehose/nozzle");
        router.firehose("nozzle");
        assertThat(router.subscriptions())
                .containsExactly(SubscriptionRequest.newBuilder()
                        .setShardID("nozzle")
                        .setFilter(Filter.getDefaultInstance())
                        .build());
        for (int i = 0; i < 300; i++) {
            router.route("app", true, log("app", "line-" + i));
        }
        router.route("system", false, value("queue"));
        List<Envelope> received = client.received(301);
        assertThat(Envelopes.texts(received.subList(0, 300))).isEqualTo(Envelopes.texts("line", 0, 300));
        assertThat(received.get(300).getValueMetric()).isEqualTo(value("queue").getValueMetric());
        assertThat(received.get(0).getOrigin()).isEqualTo("rep");
        assertThat(received.get(0).getLogMessage())
                .isEqualTo(log("app", "line-0").getLogMessage());
    }

    @Test
    void itAsksForTheClassesOfItsFilter() throws Exception {
        Controller controller = controller();
        StreamClient logs = connect(controller, "/firehose/logs?filter-type=logs");
        StreamClient metrics = connect(controller, "/firehose/metrics?filter-type=metrics");
        assertThat(router.firehose("logs").request().getFilter())
                .isEqualTo(Filter.newBuilder()
                        .setLog(LogFilter.getDefaultInstance())
                        .build());
        assertThat(router.firehose("metrics").request().getFilter())
                .isEqualTo(Filter.newBuilder()
                        .setMetric(MetricFilter.getDefaultInstance())
                        .build());
        router.route("app", true, log("app", "line"));
        router.route("system", false, value("queue"));
        assertThat(Envelopes.texts(logs.received(1))).containsExactly("line");
        assertThat(Envelopes.texts(metrics.received(1))).containsExactly("ValueMetric");
    }

    @Test
    void clientsOfTwoTrafficControllersShareOneCopy() throws Exception {
        StreamClient one = connect(controller(), "/firehose/shared");
        StreamClient two = connect(controller(), "/firehose/shared");
        router.subscribed(2, request -> request.getShardID().equals("shared"));
        for (int i = 0; i < 500; i++) {
            router.route("app", true, log("app", "line-" + i));
        }
        await().until(() -> one.count() + two.count() >= 500);
        List<String> texts = new ArrayList<>(Envelopes.texts(one.received()));
        texts.addAll(Envelopes.texts(two.received()));
        assertThat(texts).containsExactlyInAnyOrderElementsOf(Envelopes.texts("line", 0, 500));
        assertThat(one.count()).isPositive();
        assertThat(two.count()).isPositive();
    }

    @Test
    void aFirehoseThatClosesEndsItsStream() throws Exception {
        Controller controller = controller();
        StreamClient client = connect(controller, "/firehose/nozzle");
        router.firehose("nozzle");
        client.close(1000);
        router.subscribed(0, request -> true);
        assertThat(controller.metric("router_streams{kind=\"client\"}")).isZero();
    }

    @Test
    void aClientThatDoesNotReadStopsItsOwnStreamOnly() throws Exception {
        Controller controller = controller(Map.of("EGRESS_BYTES", "4MiB", "SLOW_CONSUMER_TIMEOUT", "1h"));
        BareWebSocket stuck = BareWebSocket.connectNarrow(controller.port(), "/firehose/stuck");
        try {
            Subscriber slow = router.firehose("stuck");
            StreamClient client = connect(controller, "/firehose/quick");
            Subscriber quick = router.firehose("quick");
            List<ByteString> large = List.of(log("app", "x".repeat(60_000)).toByteString());
            // More than the window, what the connection holds and the client's socket together.
            for (int i = 0; i < MANY; i++) {
                FakeRouter.send(slow, large);
            }
            FakeRouter.send(quick, List.of(log("app", "hello").toByteString()));
            assertThat(Envelopes.texts(client.received(1))).containsExactly("hello");
            assertThat(controller.metric("router_ingress_total{form=\"v1\"}")).isLessThan(MANY);
            assertThat(slow.stream().isReady()).isFalse();
            await().until(() -> controller.metric("router_paused_total") == 1);
        } finally {
            stuck.close();
        }
    }

    // ---- app streams ---------------------------------------------------------------------------------------------

    @Test
    void anAppIsSubscribedOnceForAllWhoFollowIt() throws Exception {
        Controller controller = controller();
        StreamClient one = connect(controller, "/apps/app/stream");
        StreamClient two = connect(controller, "/apps/app/stream");
        StreamClient other = connect(controller, "/apps/other/stream");
        StreamClient platform = connect(controller, "/apps/system/stream");
        router.app("app");
        router.app("other");
        assertThat(router.app("system").request().getShardID()).isEmpty();
        router.route("app", true, log("app", "of app"));
        router.route("other", true, log("other", "of other"));
        router.route("system", false, value("queue"));
        assertThat(Envelopes.texts(one.received(1))).containsExactly("of app");
        assertThat(Envelopes.texts(two.received(1))).containsExactly("of app");
        assertThat(Envelopes.texts(other.received(1))).containsExactly("of other");
        assertThat(Envelopes.texts(platform.received(1))).containsExactly("ValueMetric");
        one.close(1000);
        other.close(1000);
        router.subscribed(0, request -> request.getFilter().getAppID().equals("other"));
        router.app("app");
    }

    // ---- cuts ----------------------------------------------------------------------------------------------------

    @Test
    void afterADopplerWasAwayEachClientIsToldThatSomethingMayBeMissing() throws Exception {
        Controller controller = controller();
        StreamClient firehose = connect(controller, "/firehose/nozzle");
        StreamClient stream = connect(controller, "/apps/app/stream");
        router.firehose("nozzle");
        router.app("app");
        router.route("app", true, log("app", "before"));
        firehose.received(1);
        stream.received(1);

        router.kill();
        await().until(() -> !controller.readiness().reasons().isEmpty());
        assertThat(controller.readiness().reasons())
                .containsExactly("links: no link to any Doppler in DOPPLER_LINK_ADDRS, no connection to any in"
                        + " ROUTER_ADDRS");
        router.listenAgain();
        router.firehose("nozzle");
        router.app("app");
        router.route("app", true, log("app", "after"));

        for (StreamClient client : List.of(firehose, stream)) {
            await().until(() -> Envelopes.texts(client.received()).contains("after"));
            List<Envelope> received = client.received();
            assertThat(Envelopes.texts(received).get(0)).isEqualTo("before");
            List<Envelope> notices =
                    received.stream().filter(Envelopes::isNotice).toList();
            assertThat(Envelopes.texts(notices))
                    .singleElement()
                    .asString()
                    .contains("An unknown number of messages dropped");
            assertThat(Envelopes.texts(received).get(received.size() - 1)).isEqualTo("after");
        }
        assertThat(controller.metric(LOSSES)).isEqualTo(2);
        assertThat(controller.readiness().reasons()).isEmpty();
    }

    @Test
    void aStreamThatADopplerEndsIsOpenedAgain() throws Exception {
        Controller controller = controller();
        StreamClient client = connect(controller, "/firehose/nozzle");
        for (int i = 0; i < 5; i++) {
            // Failing again without having sent anything is not told again.
            router.end(router.firehose("nozzle"), i % 2 == 0 ? Status.INTERNAL : Status.UNAVAILABLE);
        }
        router.firehose("nozzle");
        router.route("app", true, log("app", "after"));
        await().until(() -> Envelopes.texts(client.received()).contains("after"));
        assertThat(client.received().stream().filter(Envelopes::isNotice)).hasSize(1);
        assertThat(controller.metric(LOSSES)).isEqualTo(1);
        assertThat(controller.metric("router_connections")).isEqualTo(1);
    }

    @Test
    void whoOneDopplerRefusesReadsTheOthersAndThatOneIsAskedAgainNowAndThen() throws Exception {
        try (FakeRouter willing = FakeRouter.start("127.0.0.2", authority, "doppler")) {
            Controller controller = Controller.start(
                    vertx,
                    Controller.TIMING,
                    settings(Map.of("ROUTER_ADDRS", router.address() + "," + willing.address())));
            controllers.add(controller);
            await().until(() -> controller.metric("router_connections") == 2);
            StreamClient client = connect(controller, "/firehose/nozzle");
            willing.firehose("nozzle");

            Subscriber refused = router.firehose("nozzle");
            long since = System.nanoTime();
            router.end(refused, Status.INVALID_ARGUMENT.withDescription("shardID has more than 10 bytes"));
            Subscriber again = router.firehoseAfter(refused);
            assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(Duration.ofMillis(1_900));
            router.end(again, Status.UNIMPLEMENTED);
            await().until(() -> controller.metric(REFUSED) == 2);
            willing.route("app", true, log("app", "from the other"));
            await().until(() -> Envelopes.texts(client.received()).contains("from the other"));

            // One that was replaced is asked at once.
            router.kill();
            router.listenAgain();
            router.firehoseAfter(again);
            router.route("app", true, log("app", "from the replaced one"));
            await().until(() -> Envelopes.texts(client.received()).contains("from the replaced one"));
            assertThat(client.received().stream().filter(Envelopes::isNotice)).hasSize(1);
            assertThat(controller.metric(LOSSES)).isEqualTo(1);
        }
    }

    @Test
    void aClientThatCameWhileTheDopplerWasAwayIsSubscribedWhenItIsBack() throws Exception {
        Controller controller = controller();
        router.kill();
        await().until(() -> controller.metric("router_connections") == 0);
        StreamClient client = connect(controller, "/firehose/late");
        StreamClient gone = connect(controller, "/firehose/gone");
        gone.close(1000);
        router.listenAgain();
        router.firehose("late");
        assertThat(router.subscriptions()).hasSize(1);
        router.route("app", true, log("app", "after"));
        await().until(() -> Envelopes.texts(client.received()).contains("after"));
    }

    // ---- bad input -----------------------------------------------------------------------------------------------

    @Test
    void payloadsThatAreNoEnvelopesAreLeftOut() throws Exception {
        Controller controller = controller();
        StreamClient client = connect(controller, "/firehose/nozzle");
        Subscriber subscriber = router.firehose("nozzle");
        ByteString good = log("app", "good").toByteString();
        FakeRouter.send(
                subscriber,
                List.of(
                        ByteString.copyFromUtf8("no envelope"),
                        good,
                        ByteString.EMPTY,
                        good.substring(0, good.size() - 1)));
        FakeRouter.send(subscriber, List.of(ByteString.copyFrom(new byte[] {(byte) 0xff})));
        FakeRouter.send(subscriber, List.of(good));
        assertThat(Envelopes.texts(client.received(2))).containsExactly("good", "good");
        assertThat(controller.metric("router_malformed_total")).isEqualTo(4);
    }

    @Test
    void aMessageThatIsTooLargeEndsTheStreamAndIsTold() throws Exception {
        StreamClient client = connect(controller(), "/firehose/nozzle");
        Subscriber subscriber = router.firehose("nozzle");
        FakeRouter.send(subscriber, List.of(ByteString.copyFrom(new byte[11 << 20])));
        await().until(() -> client.received().stream().anyMatch(Envelopes::isNotice));
        router.firehoseAfter(subscriber);
        router.route("app", true, log("app", "after"));
        await().until(() -> Envelopes.texts(client.received()).contains("after"));
    }

    @Test
    void aDopplerOfAnotherNameIsNotReadFrom() throws Exception {
        router.close();
        router = FakeRouter.start("127.0.0.1", authority, "somebody");
        Controller controller = Controller.start(vertx, Controller.TIMING, settings(Map.of()));
        controllers.add(controller);
        connect(controller, "/firehose/nozzle");
        await().during(Duration.ofMillis(500)).until(() -> controller.metric("router_connections") == 0);
        assertThat(router.subscriptions()).isEmpty();
        assertThat(controller.readiness().reasons()).hasSize(1);
    }

    // ---- the recent past -----------------------------------------------------------------------------------------

    @Test
    void recentLogsAreAskedForWhereTheyAreKept() throws Exception {
        router.recent(
                IntStream.range(0, 5).mapToObj(i -> log("app", "line-" + i)).toList());
        HttpResponse<byte[]> answer = get(controller(), "/apps/app/recentlogs");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new String(answer.body(), ISO_8859_1)).contains("line-0", "line-4");
    }

    @Test
    void aDopplerThatKeepsNoneIsAskedOnce() throws Exception {
        Controller controller = controller();
        for (int i = 0; i < 3; i++) {
            assertThat(get(controller, "/apps/app/recentlogs").statusCode()).isEqualTo(200);
            assertThat(get(controller, "/apps/app/containermetrics").statusCode())
                    .isEqualTo(200);
        }
        assertThat(router.queries()).isEqualTo(2);
        assertThat(controller.metric("router_query_failed_total")).isZero();
        assertThat(controller.metric("query_timeout_total{query=\"recent_logs\"}"))
                .isZero();
        assertThat(controller.metric("query_timeout_total{query=\"container_metrics\"}"))
                .isZero();
    }

    // ---- both kinds at once --------------------------------------------------------------------------------------

    @Test
    void bothKindsOfDopplersAreReadAtOnce() throws Exception {
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.2").setPort(0);
        authority.material("doppler").applyTo(options, true);
        try (FakeDoppler doppler = FakeDoppler.start(vertx, options, "linked")) {
            Controller controller = controller(Map.of("DOPPLER_LINK_ADDRS", "127.0.0.2:" + doppler.port()));
            doppler.linked();
            StreamClient firehose = connect(controller, "/firehose/both");
            StreamClient stream = connect(controller, "/apps/app/stream");
            long member = doppler.member("both");
            router.firehose("both");
            router.app("app");
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
            doppler.deliver(member, 1, Envelopes.logs("app", "linked", 0, 50));
            doppler.tails(100, Envelopes.logs("app", "linked", 0, 50));
            for (int i = 0; i < 50; i++) {
                router.route("app", true, log("app", "routed-" + i));
            }
            List<String> all = Stream.concat(
                            Envelopes.texts("linked", 0, 50).stream(), Envelopes.texts("routed", 0, 50).stream())
                    .toList();
            assertThat(Envelopes.texts(firehose.received(100))).containsExactlyInAnyOrderElementsOf(all);
            assertThat(Envelopes.texts(stream.received(100))).containsExactlyInAnyOrderElementsOf(all);
            await().untilAsserted(() -> assertThat(doppler.confirmed(member, 0)).isEqualTo(1));
            assertThat(controller.metric("doppler_links")).isEqualTo(1);
            assertThat(controller.metric("router_connections")).isEqualTo(1);
        }
    }

    @Test
    void aStopEndsTheStreams() throws Exception {
        Controller controller = controller();
        StreamClient client = connect(controller, "/firehose/nozzle");
        router.firehose("nozzle");
        router.route("app", true, log("app", "line"));
        client.received(1);
        controller.stop();
        assertThat(client.awaitClose().code()).isEqualTo(1001);
        router.subscribed(0, request -> true);
    }

    // ---- helpers -------------------------------------------------------------------------------------------------

    private Map<String, String> settings(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(authority.settings());
        settings.put("ROUTER_ADDRS", router.address());
        settings.putAll(more);
        return settings;
    }

    private Controller controller() throws Exception {
        return controller(Map.of());
    }

    /** Starts one and waits until it is connected. */
    private Controller controller(Map<String, String> more) throws Exception {
        Controller controller = Controller.start(vertx, Controller.TIMING, settings(more));
        controllers.add(controller);
        await().until(() -> controller.metric("router_connections") == 1);
        return controller;
    }

    private static StreamClient connect(Controller controller, String path) {
        return Library.VERTX.connect(vertx, controller.port(), path);
    }

    private static HttpResponse<byte[]> get(Controller controller, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + controller.port() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
    }

    private static Envelope log(String app, String text) {
        return Envelope.newBuilder()
                .setOrigin("rep")
                .setEventType(EventType.LogMessage)
                .setTimestamp(7)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8(text))
                        .setMessageType(LogMessage.MessageType.OUT)
                        .setTimestamp(7)
                        .setAppId(app)
                        .setSourceType("APP")
                        .setSourceInstance("0"))
                .build();
    }

    private static Envelope value(String name) {
        return Envelope.newBuilder()
                .setOrigin("gorouter")
                .setEventType(EventType.ValueMetric)
                .setTimestamp(7)
                .setValueMetric(
                        ValueMetric.newBuilder().setName(name).setValue(3).setUnit("ms"))
                .build();
    }
}
