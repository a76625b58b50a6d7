package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Filter;
import io.loggregator.link.v1.Gap;
import io.loggregator.link.v1.Join;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Firehose clients and what Dopplers hear of them. */
class FirehoseTest extends ControllerFixture {
    private static final long MIB = 1 << 20;

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, doppler);
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void aClientGetsWhatIsDeliveredToItOnceAndInOrder(Library library) {
        StreamClient client = connect(library, "/firehose/nozzle");
        long member = doppler.member("nozzle");
        int sent = 0;
        for (int sequence = 1; sequence <= 50; sequence++) {
            doppler.deliver(member, sequence, Envelopes.logs("app", "line", sent, sent + sequence));
            sent += sequence;
        }
        assertThat(Envelopes.texts(client.received(sent))).isEqualTo(Envelopes.texts("line", 0, sent));
        await().untilAsserted(() -> assertThat(doppler.confirmed(member, 0)).isEqualTo(50));
        assertThat(controller.metric("egress_total{endpoint=\"firehose\"}")).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({
        "/firehose/a, ALL",
        "/firehose/a?, ALL",
        "/firehose/a?filter-type=logs, LOGS",
        "/firehose/a?filter-type=metrics, METRICS"
    })
    void itJoinsWithItsFilter(String path, Filter filter) {
        connect(path);
        doppler.member("a");
        assertThat(FakeDoppler.joins(doppler.linked()))
                .singleElement()
                .isEqualTo(Join.newBuilder()
                        .setMember(1)
                        .setProtocol("v1")
                        .setSubscription("a")
                        .setFilter(filter)
                        .setWindowBytes(8 * MIB)
                        .build());
    }

    @Test
    void itJoinsEveryDopplerAndLeavesEachWhenItCloses() throws Exception {
        controller.close();
        try (FakeDoppler other = FakeDoppler.start(vertx, "other").lanes(3)) {
            controller = Controller.start(vertx, doppler, other);
            StreamClient client = connect("/firehose/both");
            long member = doppler.member("both");
            assertThat(other.member("both")).isEqualTo(member);
            doppler.deliver(member, 1, Envelopes.logs("app", "one", 0, 3));
            other.batch(
                    Batch.newBuilder()
                            .setLane(2)
                            .addDeliveries(
                                    Delivery.newBuilder().setMember(member).setSequence(1))
                            .build(),
                    Envelopes.logs("app", "other", 0, 3));
            assertThat(Envelopes.texts(client.received(6)))
                    .containsExactlyInAnyOrder("one-0", "one-1", "one-2", "other-0", "other-1", "other-2");
            await().untilAsserted(() -> {
                assertThat(doppler.confirmed(member, 0)).isEqualTo(1);
                assertThat(other.confirmed(member, 2)).isEqualTo(1);
            });
            client.close(1000);
            for (FakeDoppler each : List.of(doppler, other)) {
                await().untilAsserted(() ->
                        assertThat(FakeDoppler.leaves(each.linked())).containsExactly(member));
            }
        }
    }

    @Test
    void windowsShrinkAsClientsComeSoThatAllStayWithinTheBudget() throws Exception {
        controller.close();
        controller = Controller.start(vertx, Controller.TIMING, Map.of("EGRESS_BYTES", "4MiB"), doppler);
        List<StreamClient> clients = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            clients.add(connect("/firehose/n" + i));
            long member = doppler.member("n" + i);
            int now = i;
            await().untilAsserted(() -> assertThat(windows().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .as("after %s", now)
                    .isLessThanOrEqualTo(4 * MIB)
                    .isGreaterThanOrEqualTo(2 * MIB));
            assertThat(windows()).hasSize(i).containsKey(member);
        }
        clients.subList(1, 8).forEach(client -> client.close(1000));
        await().untilAsserted(() -> assertThat(windows().values()).contains(4 * MIB));
    }

    /** What each member of the newest link may have out. */
    private Map<Long, Long> windows() {
        Map<Long, Long> windows = new HashMap<>();
        doppler.linked().said().forEach(message -> {
            if (message.hasJoin()) {
                windows.put(message.getJoin().getMember(), message.getJoin().getWindowBytes());
            } else if (message.hasWindow()) {
                windows.computeIfPresent(
                        message.getWindow().getMember(),
                        (member, before) -> message.getWindow().getBytes());
            } else if (message.hasLeave()) {
                windows.remove(message.getLeave().getMember());
            }
        });
        return windows;
    }

    @Test
    void clientsThatShareABatchGetTheSame() {
        StreamClient everything = connect("/firehose/a");
        StreamClient logs = connect("/firehose/b?filter-type=logs");
        StreamClient metrics = connect("/firehose/c?filter-type=metrics");
        StreamClient other = connect("/firehose/other");
        Batch.Builder toThree = Batch.newBuilder();
        for (String subscription : List.of("a", "b", "c")) {
            toThree.addDeliveries(Delivery.newBuilder()
                    .setMember(doppler.member(subscription))
                    .setSequence(1));
        }
        doppler.batch(
                toThree.build(),
                List.of(
                        Envelopes.counter("router", "requests", 1, 10),
                        Envelopes.log("app", "first"),
                        Envelopes.log("app", "second"),
                        Envelopes.gauge("router", "latency", 1.5),
                        Envelopes.containerMetric("app", 0, 3, 1),
                        Envelopes.log("app", "third"),
                        Envelopes.httpTimer("gorouter")));
        assertThat(Envelopes.texts(everything.received(7)))
                .containsExactly(
                        "CounterEvent", "first", "second", "ValueMetric", "ContainerMetric", "third", "HttpStartStop");
        assertThat(Envelopes.texts(logs.received(3))).containsExactly("first", "second", "third");
        assertThat(Envelopes.texts(metrics.received(4)))
                .containsExactly("CounterEvent", "ValueMetric", "ContainerMetric", "HttpStartStop");
        for (String subscription : List.of("a", "b", "c")) {
            await().until(() -> doppler.confirmed(doppler.member(subscription), 0) == 1);
        }
        assertThat(other.received()).isEmpty();
        assertThat(doppler.confirmed(doppler.member("other"), 0)).isZero();
    }

    @Test
    void aDeliveryWithNothingForAV1ClientIsConfirmedAllTheSame() {
        connect("/firehose/logs?filter-type=logs");
        long member = doppler.member("logs");
        doppler.deliver(member, 1, List.of(Envelopes.counter("router", "requests", 1, 1)));
        await().until(() -> doppler.confirmed(member, 0) == 1);
        doppler.deliver(
                member,
                2,
                List.of(org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope.newBuilder()
                        .setSourceId("an envelope without a message")
                        .build()));
        await().until(() -> doppler.confirmed(member, 0) == 2);
        assertThat(controller.metric("unexpressible_total")).isEqualTo(1);
    }

    @Test
    void aDeliveryIsConfirmedAfterThePongAndNotBefore() throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), "/firehose/silent")) {
            long member = doppler.member("silent");
            assertThat(client.read(BareWebSocket.PING).payload()).isEmpty();
            doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 2));
            BareWebSocket.Frame asked = client.read(BareWebSocket.PING);
            assertThat(asked.payload()).as("a mark").hasSize(8);
            // What comes later is not part of what was asked.
            doppler.deliver(member, 2, Envelopes.logs("app", "line", 2, 3));
            assertThat(Envelopes.texts(List.of(client.read(BareWebSocket.BINARY).envelope())))
                    .containsExactly("line-2");
            assertThat(doppler.confirmed(member, 0)).isZero();
            client.send(BareWebSocket.PONG, asked.payload());
            BareWebSocket.Frame askedAgain = client.read(BareWebSocket.PING);
            await().until(() -> doppler.confirmed(member, 0) == 1);
            client.send(BareWebSocket.PONG, askedAgain.payload());
            await().until(() -> doppler.confirmed(member, 0) == 2);
        }
    }

    @Test
    void aPongThatEchoesNothingConfirmsInTheOrderOfThePings() throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), "/firehose/old")) {
            long member = doppler.member("old");
            doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 1));
            client.read(BareWebSocket.PING);
            client.read(BareWebSocket.PING);
            client.send(BareWebSocket.PONG, new byte[0]);
            client.send(BareWebSocket.TEXT, new byte[] {'a'});
            doppler.deliver(member, 2, Envelopes.logs("app", "line", 1, 2));
            assertThat(client.read(BareWebSocket.BINARY)).isNotNull();
            assertThat(doppler.confirmed(member, 0)).isZero();
            client.send(BareWebSocket.PONG, new byte[0]);
            await().until(() -> doppler.confirmed(member, 0) == 1);
        }
    }

    @Test
    void aClientThatComesBackToALinkIsDeliveredNothingOfTheOneBefore() throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), "/firehose/again")) {
            long member = doppler.member("again");
            doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 1));
            client.read(BareWebSocket.PING);
            BareWebSocket.Frame asked = client.read(BareWebSocket.PING);
            int before = doppler.links().size();
            doppler.breakLink();
            await().until(() -> doppler.links().size() > before);
            assertThat(doppler.member("again")).isEqualTo(member);
            client.send(BareWebSocket.PONG, asked.payload());
            // Sequence numbers start again with the link: a confirmation of the old link's would be a lie.
            doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 1));
            BareWebSocket.Frame askedAgain = client.read(BareWebSocket.PING);
            assertThat(doppler.confirmed(member, 0)).isZero();
            client.send(BareWebSocket.PONG, askedAgain.payload());
            await().until(() -> doppler.confirmed(member, 0) == 1);
        }
    }

    // ---- loss ----------------------------------------------------------------------------------------------------

    @Test
    void aGapIsToldAtItsPlaceWithTheTextsAndFieldsThatNozzlesKnow() throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), "/firehose/lossy")) {
            long member = doppler.member("lossy");
            doppler.deliver(member, 1, Envelopes.logs("app", "before", 0, 2));
            doppler.gap(gap(member, 2, 17));
            doppler.deliver(member, 3, Envelopes.logs("app", "between", 0, 1));
            doppler.gap(gap(member, 4, 3));
            doppler.deliver(member, 5, Envelopes.logs("app", "after", 0, 1));
            List<Envelope> got = client.readEnvelopes(8);
            String to = " messages dropped) from DopplerServer to " + client.localAddress() + ".";
            assertThat(Envelopes.texts(got))
                    .containsExactly(
                            "before-0",
                            "before-1",
                            "Log message output is too high. 17 messages dropped (Total 17" + to,
                            "CounterEvent",
                            "between-0",
                            "Log message output is too high. 3 messages dropped (Total 20" + to,
                            "CounterEvent",
                            "after-0");
            LogMessage line = got.get(2).getLogMessage();
            assertThat(got.get(2).getOrigin()).isEqualTo("DopplerServer");
            assertThat(line.getSourceType()).isEqualTo("LGR");
            assertThat(line.getMessageType()).isEqualTo(LogMessage.MessageType.ERR);
            assertThat(line.getAppId()).isEqualTo("system");
            assertThat(line.hasSourceInstance()).isFalse();
            assertThat(Duration.ofNanos(line.getTimestamp()).toSeconds())
                    .isCloseTo(System.currentTimeMillis() / 1_000, Offset.offset(60L));
            Envelope counter = got.get(6);
            assertThat(counter.getOrigin()).isEqualTo("doppler");
            assertThat(counter.getCounterEvent().getName()).isEqualTo("TruncatingBuffer.DroppedMessages");
            assertThat(counter.getCounterEvent().getDelta()).isEqualTo(3);
            assertThat(counter.getCounterEvent().getTotal()).isEqualTo(20);
            assertThat(Envelopes.announced(got)).isEqualTo(20);
            assertThat(controller.metric("loss_notices_total")).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({"logs, LogMessage", "metrics, CounterEvent"})
    void aNoticeKeepsToTheFilter(String filter, Envelope.EventType type) {
        StreamClient client = connect("/firehose/x?filter-type=" + filter);
        long member = doppler.member("x");
        doppler.gap(gap(member, 1, 5));
        assertThat(client.received(1)).singleElement().matches(notice -> notice.getEventType() == type);
        await().until(() -> doppler.confirmed(member, 0) == 1);
    }

    private static Gap gap(long member, long sequence, long count) {
        return Gap.newBuilder()
                .setDelivery(Delivery.newBuilder().setMember(member).setSequence(sequence))
                .setCount(count)
                .setReason("lapped")
                .build();
    }

    // ---- links that come and go ------------------------------------------------------------------------------------

    @Test
    void aDopplerIsToldHowLongAgoAClientSubscribedThatItHadNotHeardOf() throws Exception {
        controller.close();
        TestClock clock = new TestClock();
        controller = Controller.start(vertx, clock, Map.of(), doppler);
        connect("/firehose/early");
        doppler.member("early");
        clock.advance(Duration.ofSeconds(3));
        doppler.restartAs("second run");
        await().until(() -> doppler.dialled() == 3);
        assertThat(ageOf("early")).as("a run that never heard of it").isEqualTo(8_000);
        clock.advance(Duration.ofSeconds(4));
        doppler.welcoming(false);
        doppler.breakLink();
        await().until(() -> doppler.dialled() == 4);
        clock.advance(Duration.ofSeconds(1));
        connect("/firehose/late");
        // Served from now on, by that Traffic Controller.
        await().until(() -> controller.metric("doppler_proxy_firehoses") == 2);
        clock.advance(Duration.ofSeconds(2));
        doppler.welcome("second run", 1);
        assertThat(ageOf("early")).as("known from the link before").isZero();
        assertThat(ageOf("late")).as("subscribed while there was no link").isEqualTo(7_000);
    }

    private long ageOf(String subscription) {
        doppler.member(subscription);
        return FakeDoppler.joins(doppler.linked()).stream()
                .filter(join -> join.getSubscription().equals(subscription))
                .findFirst()
                .orElseThrow()
                .getAgeMillis();
    }

    @Test
    void aDeliveryToAClientThatHasLeftIsIgnored() {
        StreamClient gone = connect("/firehose/gone");
        long goneMember = doppler.member("gone");
        StreamClient here = connect("/firehose/here");
        long hereMember = doppler.member("here");
        gone.close(1000);
        await().until(() -> FakeDoppler.leaves(doppler.linked()).contains(goneMember));
        doppler.deliver(goneMember, 1, Envelopes.logs("app", "gone", 0, 1));
        doppler.gap(gap(goneMember, 2, 1));
        doppler.deliver(hereMember, 1, Envelopes.logs("app", "here", 0, 1));
        assertThat(Envelopes.texts(here.received(1))).containsExactly("here-0");
        await().until(() -> doppler.confirmed(hereMember, 0) == 1);
        assertThat(doppler.confirmed(goneMember, 0)).isZero();
    }

    @Test
    void clientsThatVanishAsTheyComeLeaveNothingBehind() throws Exception {
        for (int i = 0; i < 50; i++) {
            BareWebSocket client =
                    BareWebSocket.connect(controller.port(), i % 2 == 0 ? "/firehose/f" : "/apps/a/stream");
            if (i % 3 == 0) {
                client.sendClose(1000);
            }
            client.close();
        }
        await().untilAsserted(() -> {
            assertThat(controller.metric("doppler_proxy_firehoses")).isZero();
            assertThat(controller.metric("doppler_proxy_app_streams")).isZero();
            assertThat(FakeDoppler.leaves(doppler.linked())).hasSize(25);
            assertThat(FakeDoppler.followed(doppler.linked())).isEmpty();
        });
    }

    private StreamClient connect(String path) {
        return connect(Library.VERTX, path);
    }

    private StreamClient connect(Library library, String path) {
        return library.connect(vertx, controller.port(), path);
    }
}
