package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Join;
import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.Start;
import io.loggregator.trafficcontroller.AcknowledgingClient.Message;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.gateway.SseClient;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Dopplers that are gone without a goodbye, and who is told that something may be lost with them. */
class LostDopplerTest extends ControllerFixture {
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final String LOST = "A Doppler was lost, last heard of at ";
    private static final String UNKNOWN = ". An unknown number of messages dropped (Total 0 messages dropped) from ";

    private final TestClock clock = new TestClock();
    private final Instant begun = Instant.now();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, clock, Map.of("FIREHOSE_GRACE", GRACE.toSeconds() + "s"), doppler);
    }

    @Test
    void whenAnotherRunIsWhereItWasItsReadersAreToldBeforeWhatThatOneSends() throws Exception {
        StreamClient firehose = connect("/firehose/nozzle");
        StreamClient app = follow("app");
        doppler.deliver(doppler.member("nozzle"), 1, List.of(Envelopes.log("app", "before")));
        doppler.tails(1, List.of(Envelopes.log("app", "before")));
        firehose.received(1);
        app.received(1);
        later();

        doppler.restartAs("second run");
        doppler.linkedAfter(1);
        doppler.deliver(doppler.member("nozzle"), 1, List.of(Envelopes.log("app", "after")));
        doppler.tails(1, List.of(Envelopes.log("app", "after")));

        List<Envelope> got = firehose.received(4);
        assertThat(text(got.get(1))).startsWith(LOST).contains(UNKNOWN);
        assertThat(got.get(1).getLogMessage().getSourceType()).isEqualTo("LGR");
        assertThat(heardOf(got.get(1))).isBetween(begun.minusMillis(1), Instant.now());
        assertThat(got.get(2).getCounterEvent().getName()).isEqualTo("TruncatingBuffer.DroppedMessages");
        assertThat(text(got.get(3))).isEqualTo("after");
        got = app.received(4);
        assertThat(text(got.get(1))).startsWith(LOST);
        assertThat(text(got.get(3))).isEqualTo("after");
        assertThat(controller.metric("dopplers_lost_total")).isEqualTo(1);
        assertThat(clients()).hasSize(2).allSatisfy(told -> {
            assertThat(told.getLong("lost")).isZero();
            assertThat(told.getLong("unnumberedLosses")).isEqualTo(1);
            JsonObject last = told.getJsonObject("lastLoss");
            assertThat(last.getString("reason")).isEqualTo("doppler_lost");
            assertThat(last.getLong("count")).isZero();
            assertThat(Instant.parse(last.getString("to"))).isBetween(begun.minusMillis(1), Instant.now());
        });
    }

    @Test
    void nobodyIsToldOfOneThatIsBack() {
        StreamClient app = follow("app");
        later();
        doppler.breakLink();
        doppler.linkedAfter(1);
        clock.advance(GRACE, 1);
        doppler.tails(1, List.of(Envelopes.log("app", "after")));
        assertThat(text(app.received(1).get(0))).isEqualTo("after");
        assertThat(controller.metric("dopplers_lost_total")).isZero();
    }

    @Test
    void nobodyIsToldOfOneThatSaidGoodbye() {
        StreamClient app = follow("app");
        later();
        doppler.goodbye();
        doppler.restartAs("second run");
        doppler.linkedAfter(1);
        clock.advance(GRACE, 1);
        doppler.tails(1, List.of(Envelopes.log("app", "after")));
        assertThat(text(app.received(1).get(0))).isEqualTo("after");
    }

    @Test
    void oneThatStaysAwayIsLostAfterTheGrace() {
        StreamClient app = follow("app");
        later();
        doppler.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        StreamClient late = connect("/apps/app/stream");
        clock.advance(GRACE.minusMillis(1), 2);
        assertThat(controller.metric("dopplers_lost_total")).isZero();

        clock.advance(Duration.ofMillis(1), 2);

        assertThat(text(app.received(2).get(0))).startsWith(LOST);
        assertThat(controller.metric("dopplers_lost_total")).isEqualTo(1);
        doppler.listenAgain();
        doppler.linkedAfter(1);
        doppler.tails(1, List.of(Envelopes.log("app", "after")));
        // Who came when the link was gone had nothing to lose.
        assertThat(text(late.received(1).get(0))).isEqualTo("after");
    }

    @Test
    void whoAcknowledgesIsToldByAGapWithTimes() throws Exception {
        AcknowledgingClient client = acknowledging("nozzle");
        doppler.member("nozzle");
        later();
        doppler.restartAs("second run");

        Gap told = gap(client);
        assertThat(told.getCount()).isZero();
        assertThat(told.getReason()).isEqualTo("doppler_lost");
        assertThat(Instant.ofEpochMilli(told.getFirstMillis())).isBetween(begun.minusMillis(1), Instant.now());
        assertThat(told.getLastMillis()).isGreaterThanOrEqualTo(told.getFirstMillis());
    }

    @Test
    void whoComesLaterIsToldIfItGoesOnForOthers() throws Exception {
        doppler.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        later();
        StreamClient shared = connect("/firehose/nozzle");
        await().until(() -> controller.metric("doppler_proxy_firehoses") == 1);
        clock.advance(GRACE, 1);

        assertThat(text(shared.received(2).get(0))).startsWith("A Doppler was lost. An unknown number");
    }

    @Test
    void whoGoesOnWhereAnotherWasIsToldAndWhatItGoesOnFromSaysSo() throws Exception {
        String before;
        try (SseClient client = read()) {
            doppler.batch(
                    Batch.newBuilder()
                            .setEnd(1)
                            .addDeliveries(Delivery.newBuilder()
                                    .setMember(joined(1).getMember())
                                    .setSequence(1))
                            .build(),
                    List.of(Envelopes.log("app", "line")));
            before = client.line();
            assertThat(client.line()).startsWith("data: ");
            client.line();
        }
        doppler.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        later();
        try (SseClient client = read("Last-Event-ID: " + before.substring("id: ".length()))) {
            await().until(() -> controller.metric("gateway_streams") == 1);
            clock.advance(GRACE, 1);
            assertThat(client.line()).startsWith("id: ").isNotEqualTo(before);
            assertThat(client.line())
                    .contains("\"loss_reason\":\"doppler_lost\"")
                    .contains("\"loss_count\":\"0\"");
        }
    }

    @Test
    void whoWasAMemberSaysToTheSameRunHowLongItWasAway() {
        connect("/firehose/nozzle");
        doppler.member("nozzle");
        later();
        doppler.breakLink();
        doppler.linkedAfter(1);
        doppler.member("nozzle");
        assertThat(FakeDoppler.joins(doppler.linked()))
                .singleElement()
                .satisfies(join -> assertThat(join.getAwayMillis()).isPositive());
    }

    @Test
    void whoCameWhenTheLinkHadBrokenWasNoMember() {
        doppler.stopListening();
        await().until(() -> controller.metric("doppler_links") == 0);
        later();
        connect("/firehose/nozzle");
        await().until(() -> controller.metric("doppler_proxy_firehoses") == 1);
        doppler.listenAgain();
        doppler.linkedAfter(1);
        doppler.member("nozzle");
        assertThat(FakeDoppler.joins(doppler.linked()))
                .singleElement()
                .satisfies(join -> assertThat(join.getAwayMillis()).isZero());
    }

    @Test
    void nobodyIsToldWhenTheTrafficControllerStops() {
        StreamClient app = follow("app");
        later();
        controller.stop();
        app.awaitClose();
        assertThat(app.count()).isZero();
        assertThat(controller.metric("dopplers_lost_total")).isZero();
        assertThat(controller.metric("links_broken_total")).isZero();
    }

    private SseClient read(String... headers) throws Exception {
        RawClient raw = new RawClient(controller.gatewayPort());
        raw.patience(20_000);
        return new SseClient(raw, "?log", headers);
    }

    private Join joined(int count) {
        await().until(() -> FakeDoppler.joins(doppler.linked()).size() == count);
        return FakeDoppler.joins(doppler.linked()).get(count - 1);
    }

    private AcknowledgingClient acknowledging(String subscription) throws Exception {
        return new AcknowledgingClient(vertx, controller.port(), "/firehose/" + subscription)
                .start(Start.newBuilder().setCredit(16 << 20));
    }

    private static Gap gap(AcknowledgingClient client) throws Exception {
        Message message = client.next();
        while (!message.header().hasGap()) {
            message = client.next();
        }
        return message.header().getGap();
    }

    private StreamClient connect(String path) {
        return Library.VERTX.connect(vertx, controller.port(), path);
    }

    private StreamClient follow(String app) {
        StreamClient client = connect("/apps/" + app + "/stream");
        await().until(() -> FakeDoppler.followed(doppler.linked()).contains(app));
        return client;
    }

    private List<JsonObject> clients() throws Exception {
        return new JsonObject(controller.ask("/ledger").body())
                .getJsonArray("clients").stream().map(JsonObject.class::cast).toList();
    }

    /** So much later that who is there was there before. */
    private void later() {
        clock.advance(Duration.ofSeconds(5));
    }

    private static String text(Envelope envelope) {
        return envelope.getLogMessage().getMessage().toStringUtf8();
    }

    private static Instant heardOf(Envelope notice) {
        String text = text(notice);
        return Instant.parse(text.substring(LOST.length(), text.indexOf(UNKNOWN)));
    }
}
