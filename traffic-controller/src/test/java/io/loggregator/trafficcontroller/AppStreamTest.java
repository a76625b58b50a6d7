package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Received;
import io.loggregator.link.v1.Start;
import io.loggregator.link.v1.Tails;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** App streams, and what Dopplers are told of the apps that are followed. */
class AppStreamTest extends ControllerFixture {
    private static final String GUID = "f47ac10b-58cc-4372-a567-0e02b2c3d479";

    private final TestClock clock = new TestClock();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run").lanes(2);
        controller = Controller.start(vertx, clock, Map.of(), doppler);
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void aStreamHasItsOwnEnvelopesOnly(Library library) {
        StreamClient mine = follow(library, GUID);
        StreamClient other = follow(library, "other");
        doppler.tails(
                1,
                List.of(
                        Envelopes.log(GUID, "mine"),
                        Envelopes.log("other", "theirs"),
                        Envelopes.log("nobody", "nobody's"),
                        Envelopes.counter(GUID, "an app's own counter is the platform's to v1", 1, 1),
                        Envelopes.containerMetric(GUID, 0, 1, 1),
                        Envelopes.containerMetric("other", 0, 1, 1),
                        Envelopes.httpTimer(GUID),
                        Envelopes.httpTimer("F47AC10B-58CC-4372-A567-0E02B2C3D479"),
                        Envelopes.httpTimer("F47AC10B_58cc_4372_A567_0e02b2c3d479"),
                        Envelopes.httpTimer("gorouter"),
                        Envelopes.log(GUID, "mine, too"),
                        Envelopes.log("other", "the end")));
        assertThat(Envelopes.texts(mine.received(6)))
                .containsExactly(
                        "mine", "ContainerMetric", "HttpStartStop", "HttpStartStop", "HttpStartStop", "mine, too");
        assertThat(Envelopes.texts(other.received(3))).containsExactly("theirs", "ContainerMetric", "the end");
        assertThat(controller.metric("egress_total{endpoint=\"stream\"}")).isEqualTo(9);
    }

    @Test
    void theAppSystemIsThePlatform() {
        StreamClient system = follow(Library.VERTX, "system");
        assertThat(FakeDoppler.tails(doppler.linked()))
                .last()
                .isEqualTo(Tails.newBuilder().addAdd("system").setPlatform(true).build());
        doppler.tails(
                1,
                List.of(
                        Envelopes.counter("router", "requests", 1, 1),
                        Envelopes.log("app", "an app's line"),
                        Envelopes.gauge(GUID, "custom", 1),
                        Envelopes.containerMetric("app", 0, 1, 1),
                        Envelopes.httpTimer("gorouter"),
                        Envelopes.httpTimer(GUID)));
        assertThat(Envelopes.texts(system.received(3))).containsExactly("CounterEvent", "ValueMetric", "HttpStartStop");
        system.close(1000);
        await().untilAsserted(() -> assertThat(FakeDoppler.tails(doppler.linked()))
                .last()
                .isEqualTo(Tails.newBuilder()
                        .addRemove("system")
                        .setPlatform(false)
                        .build()));
    }

    @Test
    void dopplersHearOfAnAppWithItsFirstStreamAndItsLast() {
        StreamClient first = follow(Library.VERTX, "app");
        StreamClient second = connect(Library.JDK, "app");
        await().until(() -> controller.metric("doppler_proxy_app_streams") == 2);
        first.close(1000);
        await().until(() -> controller.metric("doppler_proxy_app_streams") == 1);
        doppler.tails(1, Envelopes.logs("app", "line", 0, 1));
        second.received(1);
        second.close(1000);
        await().until(() -> controller.metric("doppler_proxy_app_streams") == 0);
        await().untilAsserted(() -> assertThat(FakeDoppler.tails(doppler.linked()))
                .filteredOn(tails -> !tails.hasStart())
                .containsExactly(
                        Tails.newBuilder().addAdd("app").build(),
                        Tails.newBuilder().addRemove("app").build()));
    }

    @Test
    void aBatchThatIsNotForTailsReachesNone() {
        StreamClient app = follow(Library.VERTX, "app");
        doppler.batch(Batch.newBuilder().setEnd(1).build(), Envelopes.logs("app", "not for tails", 0, 1));
        doppler.tails(2, Envelopes.logs("app", "for tails", 0, 1));
        assertThat(Envelopes.texts(app.received(1))).containsExactly("for tails-0");
    }

    // ---- links that come and go ------------------------------------------------------------------------------------

    @Test
    void afterALossOfTheLinkTailsGoOnWhereTheyWereInEachLane() {
        StreamClient app = follow(Library.VERTX, "app");
        doppler.tails(1_000, Envelopes.logs("app", "line", 0, 2));
        doppler.batch(
                Batch.newBuilder().setLane(1).setEnd(77).setTails(true).build(), Envelopes.logs("app", "line", 2, 3));
        doppler.tails(2_000, Envelopes.logs("app", "line", 3, 4));
        app.received(4);
        clock.advance(Duration.ofSeconds(100));
        int before = doppler.dialled();
        doppler.breakLink();
        await().until(() -> doppler.dialled() > before);
        assertThat(FakeDoppler.followed(doppler.linked())).containsExactly("app");
        Start start = startOfNewestLink();
        assertThat(start.getReceivedList())
                .containsExactly(
                        Received.newBuilder().setLane(0).setPosition(2_000).build(),
                        Received.newBuilder().setLane(1).setPosition(77).build());
        // Lanes that brought nothing: what was on its way when the Doppler was last heard, some milliseconds before.
        assertThat(start.getAgeMillis()).isBetween(15_000L, 25_000L);
        doppler.tails(3_000, Envelopes.logs("app", "line", 4, 6));
        assertThat(Envelopes.texts(app.received(6))).isEqualTo(Envelopes.texts("line", 0, 6));
    }

    @Test
    void dopplersAreToldNowAndThenWhatHasArrived() {
        StreamClient app = follow(Library.VERTX, "app");
        doppler.tails(500_000, Envelopes.logs("app", "line", 0, 1));
        doppler.tails(600_000, Envelopes.logs("app", "line", 1, 2));
        doppler.tails(1_000_000, Envelopes.logs("app", "line", 2, 3));
        app.received(3);
        await().untilAsserted(() -> assertThat(FakeDoppler.tails(doppler.linked()))
                .filteredOn(tails -> tails.getReceivedCount() > 0)
                .extracting(tails -> tails.getReceived(0))
                .containsExactly(
                        Received.newBuilder().setLane(0).setPosition(600_000).build()));
        doppler.gap(Gap.newBuilder().setLane(1).setSourceId("app").setCount(40).build());
        app.received(5);
        int before = doppler.dialled();
        doppler.breakLink();
        await().until(() -> doppler.dialled() > before);
        assertThat(startOfNewestLink().getReceivedList())
                .containsExactly(
                        Received.newBuilder().setLane(0).setPosition(1_000_000).build(),
                        Received.newBuilder().setLane(1).setGaps(1).build());
    }

    @Test
    void ofANewRunOfADopplerTailsGetAllSinceTheTrafficControllerStarted() {
        StreamClient app = follow(Library.VERTX, "app");
        doppler.tails(1_000, Envelopes.logs("app", "line", 0, 2));
        app.received(2);
        clock.advance(Duration.ofSeconds(100));
        int before = doppler.dialled();
        doppler.restartAs("second run");
        await().until(() -> doppler.dialled() > before);
        Start start = startOfNewestLink();
        assertThat(start.getReceivedList()).isEmpty();
        assertThat(start.getAgeMillis()).isEqualTo(100_000);
    }

    @Test
    void manyAppsAreToldInSeveralMessagesBeforeTheStart() throws Exception {
        List<BareWebSocket> clients = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            clients.add(BareWebSocket.connect(controller.port(), "/apps/app-" + i + "/stream"));
        }
        await().until(() -> FakeDoppler.followed(doppler.linked()).size() == 1_100);
        int before = doppler.dialled();
        doppler.breakLink();
        await().until(() -> doppler.dialled() > before);
        List<Tails> tails = FakeDoppler.tails(doppler.linked());
        assertThat(tails).hasSize(4);
        assertThat(tails.get(0).getAddCount()).isEqualTo(500);
        assertThat(tails.get(1).getAddCount()).isEqualTo(500);
        assertThat(tails.get(2).getAddCount()).isEqualTo(100);
        assertThat(tails.get(3).hasStart()).isTrue();
        assertThat(FakeDoppler.followed(doppler.linked())).doesNotHaveDuplicates();
        for (BareWebSocket client : clients) {
            client.close();
        }
    }

    private Start startOfNewestLink() {
        return FakeDoppler.tails(doppler.linked()).stream()
                .filter(Tails::hasStart)
                .findFirst()
                .orElseThrow()
                .getStart();
    }

    // ---- loss ----------------------------------------------------------------------------------------------------

    @Test
    void aGapOfASourceIsToldToItsStreamsAtItsPlace() {
        StreamClient app = follow(Library.VERTX, "app");
        StreamClient second = follow(Library.JDK, "app");
        StreamClient other = follow(Library.VERTX, "other");
        await().until(() -> controller.metric("doppler_proxy_app_streams") == 3);
        doppler.tails(1, Envelopes.logs("app", "before", 0, 1));
        doppler.gap(Gap.newBuilder().setSourceId("app").setCount(40).build());
        doppler.gap(Gap.newBuilder().setSourceId("nobody").setCount(4).build());
        doppler.tails(2, Envelopes.logs("app", "after", 0, 1));
        doppler.gap(Gap.newBuilder().setSourceId("app").setCount(2).build());
        doppler.tails(3, Envelopes.logs("other", "after", 0, 1));
        for (StreamClient client : List.of(app, second)) {
            List<Envelope> got = client.received(6);
            assertThat(Envelopes.texts(got).get(0)).isEqualTo("before-0");
            assertThat(Envelopes.texts(got).get(1))
                    .startsWith("Log message output is too high. 40 messages dropped (Total 40 messages dropped) from"
                            + " DopplerServer to 127.0.0.1:");
            assertThat(got.get(1).getLogMessage().getAppId()).isEqualTo("app");
            assertThat(got.get(2).getCounterEvent().getDelta()).isEqualTo(40);
            assertThat(Envelopes.texts(got).get(3)).isEqualTo("after-0");
            assertThat(got.get(5).getCounterEvent().getDelta()).isEqualTo(2);
            assertThat(got.get(5).getCounterEvent().getTotal()).isEqualTo(42);
        }
        assertThat(Envelopes.texts(other.received(1))).containsExactly("after-0");
        assertThat(controller.dropped("doppler"))
                .as("once, however many streams")
                .isEqualTo(42);
    }

    @Test
    void aGapThatNobodyCanCountIsToldToAll() {
        StreamClient app = follow(Library.VERTX, "app");
        StreamClient other = follow(Library.VERTX, "other");
        doppler.gap(Gap.newBuilder().setReason("restart").build());
        doppler.tails(1, Envelopes.logs("app", "after", 0, 1));
        assertThat(Envelopes.texts(app.received(3)).get(0))
                .startsWith(
                        "The link to a Doppler was down for too long. An unknown number of messages dropped (Total 0"
                                + " messages dropped) from DopplerServer to 127.0.0.1:");
        Envelope counter = other.received(2).get(1);
        assertThat(counter.getOrigin()).isEqualTo("doppler");
        assertThat(counter.getCounterEvent().getName()).isEqualTo("TruncatingBuffer.DroppedMessages");
        assertThat(counter.getCounterEvent().getDelta()).isZero();
        assertThat(controller.metric("loss_notices_total")).isEqualTo(2);
    }

    private StreamClient follow(Library library, String app) {
        StreamClient client = connect(library, app);
        await().until(() -> FakeDoppler.followed(doppler.linked()).contains(app));
        return client;
    }

    private StreamClient connect(Library library, String app) {
        return library.connect(vertx, controller.port(), "/apps/" + app + "/stream");
    }
}
