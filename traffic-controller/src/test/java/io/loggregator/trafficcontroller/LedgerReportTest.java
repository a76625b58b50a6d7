package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Delivery;
import io.loggregator.link.v1.Gap;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code GET /ledger} of the diagnostics port: the clients. */
class LedgerReportTest extends ControllerFixture {
    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, doppler);
    }

    private List<JsonObject> clients() throws Exception {
        HttpResponse<String> response = controller.ask("/ledger");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonObject ledger = new JsonObject(response.body());
        assertThat(ledger.getString("server")).isEqualTo("traffic-controller");
        return ledger.getJsonArray("clients").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    @Test
    void nobodyIsThereAtFirst() throws Exception {
        assertThat(clients()).isEmpty();
    }

    @Test
    void aFirehoseClientIsToldWithWhatItHasAndWhatItLost() throws Exception {
        Instant begun = Instant.now();
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle?filter-type=logs");
        long member = doppler.member("nozzle");
        doppler.deliver(member, 1, Envelopes.logs("app", "line", 0, 10));
        doppler.gap(Gap.newBuilder()
                .setDelivery(Delivery.newBuilder().setMember(member).setSequence(2))
                .setCount(17)
                .setReason("lapped")
                .build());
        doppler.deliver(member, 3, Envelopes.logs("app", "line", 10, 11));
        // Ten lines, a notice, a line.
        client.received(12);

        assertThat(clients()).singleElement().satisfies(told -> {
            assertThat(told.getString("endpoint")).isEqualTo("firehose");
            assertThat(told.getString("subscription")).isEqualTo("nozzle");
            assertThat(told.getString("selection")).isEqualTo("LOGS");
            assertThat(told.getString("remote")).startsWith("127.0.0.1");
            assertThat(told.getLong("delivered")).isEqualTo(11);
            assertThat(told.getLong("lost")).isEqualTo(17);
            assertThat(told.getLong("unnumberedLosses")).isZero();
            assertLastLoss(told, "lapped", 17);
            assertThat(Instant.parse(told.getJsonObject("lastLoss").getString("from")))
                    .isBetween(begun.minusMillis(1_000), Instant.now().plusMillis(1_000));
            assertThat(told.getLong("waitingBytes")).isNotNegative();
            assertThat(Instant.parse(told.getString("connected")))
                    .isBetween(begun.minusMillis(1_000), Instant.now().plusMillis(1_000));
        });
    }

    @Test
    void anAppStreamIsToldByItsApp() throws Exception {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/apps/app-1/stream");
        await().untilAsserted(
                        () -> assertThat(FakeDoppler.followed(doppler.linked())).contains("app-1"));
        doppler.tails(1, Envelopes.logs("app-1", "line", 0, 1));
        client.received(1);

        assertThat(clients()).singleElement().satisfies(told -> {
            assertThat(told.getString("endpoint")).isEqualTo("stream");
            assertThat(told.getString("app")).isEqualTo("app-1");
            assertThat(told.getLong("delivered")).isEqualTo(1);
            assertThat(told.getLong("lost")).isZero();
            assertThat(told.getLong("unnumberedLosses")).isZero();
            assertThat(told.containsKey("lastLoss")).isFalse();
        });

        doppler.gap(Gap.newBuilder()
                .setSourceId("app-1")
                .setCount(3)
                .setReason("thinned")
                .build());
        // A line, and a notice for each kind of reader.
        client.received(3);
        assertThat(clients()).singleElement().satisfies(told -> {
            assertThat(told.getLong("lost")).isEqualTo(3);
            assertThat(told.getLong("unnumberedLosses")).isZero();
            assertLastLoss(told, "thinned", 3);
        });

        doppler.gap(Gap.newBuilder().setSourceId("app-1").setReason("link_down").build());
        client.received(5);
        assertThat(clients()).singleElement().satisfies(told -> {
            assertThat(told.getLong("delivered")).isEqualTo(1);
            assertThat(told.getLong("lost")).isEqualTo(3);
            assertThat(told.getLong("unnumberedLosses")).isEqualTo(1);
            assertLastLoss(told, "link_down", 0);
        });
    }

    @Test
    void whatAFirehoseClientWasToldWithoutANumberIsCounted() throws Exception {
        StreamClient client = Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle?filter-type=logs");
        long member = doppler.member("nozzle");
        Gap.Builder gap = Gap.newBuilder().setReason("link_down");
        for (int sequence = 1; sequence <= 2; sequence++) {
            doppler.gap(gap.setDelivery(Delivery.newBuilder().setMember(member).setSequence(sequence))
                    .build());
        }
        client.received(2);

        assertThat(clients()).singleElement().satisfies(told -> {
            assertThat(told.getLong("lost")).isZero();
            assertThat(told.getLong("unnumberedLosses")).isEqualTo(2);
            assertLastLoss(told, "link_down", 0);
        });
    }

    private static void assertLastLoss(JsonObject client, String reason, long count) {
        JsonObject last = client.getJsonObject("lastLoss");
        assertThat(last.getString("reason")).isEqualTo(reason);
        assertThat(last.getLong("count")).isEqualTo(count);
        assertThat(Instant.parse(last.getString("from"))).isBeforeOrEqualTo(Instant.parse(last.getString("to")));
    }

    @Test
    void aClientThatTakesNothingHasBytesWaiting() throws Exception {
        BareWebSocket slow = BareWebSocket.connectNarrow(controller.port(), "/firehose/slow");
        try {
            long member = doppler.member("slow");
            for (int sequence = 1; sequence <= 40; sequence++) {
                doppler.deliver(member, sequence, Envelopes.logs("app", "x".repeat(10_000), 0, 20));
            }

            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(clients())
                            .singleElement()
                            .satisfies(told ->
                                    assertThat(told.getLong("waitingBytes")).isGreaterThan(1_000_000)));
        } finally {
            slow.close();
        }
    }

    @Test
    void noMoreThanTheLimitIsTold() throws Exception {
        for (int i = 0; i < 3; i++) {
            Library.VERTX.connect(vertx, controller.port(), "/firehose/nozzle" + i);
            doppler.member("nozzle" + i);
        }

        JsonObject two = new JsonObject(controller.ask("/ledger?limit=2").body());
        assertThat(two.getJsonArray("clients")).hasSize(2);
        assertThat(two.getInteger("leftOut")).isEqualTo(1);
        assertThat(controller.ask("/ledger?limit=x").statusCode()).isEqualTo(400);
    }
}
