package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.streaming.v2.Lagging;
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
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage.MessageType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client is told when a Doppler says that it lags. */
class LagTest extends ControllerFixture {
    private static final int MIB = 1 << 20;
    private static final int BATCH = 125;
    private static final int BATCHES = 32;
    private static final String LINE =
            "This reader lags: %s is 12.3 s (34.0 MiB of the log) behind. From 68.0 MiB on, the noisiest sources are"
                    + " thinned for it first.";

    private final TestClock clock = new TestClock();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run").lanes(2);
        controller = Controller.start(vertx, clock, Map.of("SLOW_CONSUMER_TIMEOUT", "5s"), doppler);
    }

    private void lags(long member, int lane) {
        doppler.lag(member, lane, 12_345, 34 * MIB, 68 * MIB);
    }

    private StreamClient connect(String path) {
        return Library.VERTX.connect(vertx, controller.port(), path);
    }

    private static String text(Envelope envelope) {
        return envelope.getLogMessage().getMessage().toStringUtf8();
    }

    @Test
    void aFirehoseIsToldByALineAndACounterThatNobodyTakesForALoss() throws Exception {
        StreamClient client = connect("/firehose/nozzle");
        long member = doppler.member("nozzle");
        lags(member, 0);
        doppler.deliver(member, 1, List.of(Envelopes.log("app", "after")));

        List<Envelope> got = client.received(3);
        Envelope line = got.get(0);
        assertThat(line.getLogMessage().getSourceType()).isEqualTo("LGR");
        assertThat(line.getLogMessage().getMessageType()).isEqualTo(MessageType.OUT);
        assertThat(text(line))
                .matches(LINE.replace("(", "\\(").replace(")", "\\)").replace("%s", "\\S+"));
        assertThat(text(line)).doesNotContain("dropped");
        Envelope counter = got.get(1);
        assertThat(counter.getCounterEvent().getName()).isEqualTo("LaggingReader.Notices");
        assertThat(counter.getCounterEvent().getDelta()).isEqualTo(1);
        assertThat(counter.getCounterEvent().getTotal()).isEqualTo(1);
        assertThat(List.of(line, counter))
                .allSatisfy(notice -> assertThat(notice.getTagsMap())
                        .containsOnly(
                                Map.entry("lag_millis", "12345"),
                                Map.entry("lag_bytes", Integer.toString(34 * MIB)),
                                Map.entry("lag_limit_bytes", Integer.toString(68 * MIB))));
        assertThat(text(got.get(2))).isEqualTo("after");
        await().until(() -> controller.metric("lag_notices_total") == 1);
        assertThat(controller.metric("loss_notices_total")).isZero();
        JsonObject ledger = told();
        assertThat(ledger.getLong("lost")).isZero();
        assertThat(ledger.getLong("unnumberedLosses")).isZero();
        assertThat(ledger.getLong("lagNotices")).isEqualTo(1);
        assertThat(Instant.parse(ledger.getString("lastLagNotice")))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    private JsonObject told() throws Exception {
        return new JsonObject(controller.ask("/ledger").body())
                .getJsonArray("clients")
                .getJsonObject(0);
    }

    @Test
    void whoReadsOneKindOnlyIsToldByThatKind() {
        StreamClient logs = connect("/firehose/logs?filter-type=logs");
        StreamClient metrics = connect("/firehose/metrics?filter-type=metrics");
        lags(doppler.member("logs"), 0);
        lags(doppler.member("metrics"), 0);
        assertThat(text(logs.received(1).get(0))).startsWith("This reader lags");
        assertThat(metrics.received(1).get(0).getCounterEvent().getName()).isEqualTo("LaggingReader.Notices");
    }

    @Test
    void itIsToldOnceInThirtySecondsWhoeverSaysSo() {
        StreamClient client = connect("/firehose/nozzle?filter-type=logs");
        long member = doppler.member("nozzle");
        lags(member, 0);
        lags(member, 1);
        client.received(1);
        clock.advance(Duration.ofSeconds(29));
        lags(member, 1);
        doppler.deliver(member, 1, List.of(Envelopes.log("app", "between")));
        assertThat(client.received(2)).extracting(LagTest::text).last().isEqualTo("between");

        clock.advance(Duration.ofSeconds(1));
        lags(member, 1);
        assertThat(client.received(3))
                .extracting(LagTest::text)
                .last()
                .asString()
                .startsWith("This reader lags");
        await().until(() -> controller.metric("lag_notices_total") == 2);
    }

    @Test
    void whoLagsAgainTooSoonIsToldWhenTheThirtySecondsAreOver() throws Exception {
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/firehose/nozzle")) {
            long member = doppler.member("nozzle");
            lags(member, 0);
            assertThat(text(client.readEnvelopes(1).get(0))).startsWith("This reader lags");
            clock.advance(Duration.ofSeconds(29));
            for (int i = 0; i < BATCHES; i++) {
                doppler.deliver(member, i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            lags(member, 1);
            await().until(() -> told().getLong("waitingBytes") > MIB);
            await().until(() -> controller.metric("lag_notices_total") == 1);
            clock.advance(Duration.ofSeconds(1));
            await().until(() -> controller.metric("lag_notices_total") == 2);
        }
    }

    @Test
    void aWordForOneThatHasLeftIsForNobody() {
        StreamClient client = connect("/firehose/nozzle");
        long member = doppler.member("nozzle");
        lags(member + 100, 0);
        doppler.deliver(member, 1, List.of(Envelopes.log("app", "line")));
        assertThat(text(client.received(1).get(0))).isEqualTo("line");
    }

    @Test
    void theWordOvertakesWhatWaitsForTheClientAndIsNoProgressOfIt() throws Exception {
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/firehose/nozzle")) {
            long member = doppler.member("nozzle");
            for (int i = 0; i < BATCHES; i++) {
                doppler.deliver(member, i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            await().until(() -> told().getLong("waitingBytes") > MIB);
            clock.advance(Duration.ofSeconds(1), 1);
            clock.advance(Duration.ofSeconds(3), 1);
            assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isZero();
            lags(member, 0);
            await().until(() -> controller.metric("lag_notices_total") == 1);
            clock.advance(Duration.ofSeconds(2));
            await().until(() -> controller.metric("doppler_proxy_slow_consumer_total") == 1);

            int before = 0;
            Envelope next = client.readEnvelopes(1).get(0);
            while (!Envelopes.isLag(next)) {
                before++;
                next = client.readEnvelopes(1).get(0);
            }
            assertThat(before).isLessThan(BATCHES * BATCH / 2);
        }
    }

    @Test
    void whoAcknowledgesIsToldByAMessageOfItsOwnWhichTakesNoCreditAndHasNoMark() throws Exception {
        AcknowledgingClient client = new AcknowledgingClient(vertx, controller.port(), "/firehose/nozzle")
                .start(Start.newBuilder().setCredit(1));
        long member = doppler.member("nozzle");
        doppler.deliver(member, 1, List.of(Envelopes.log("app", "one")));
        doppler.deliver(member, 2, List.of(Envelopes.log("app", "two")));
        Message one = client.next();
        assertThat(one.texts()).containsExactly("one");
        lags(member, 0);
        assertThat(client.next().header().getLagging())
                .isEqualTo(Lagging.newBuilder()
                        .setBehindMillis(12_345)
                        .setBehindBytes(34 * MIB)
                        .setLimitBytes(68 * MIB)
                        .build());
        client.credit(1_000);
        Message two = client.next();
        assertThat(two.texts()).containsExactly("two");
        assertThat(two.header().getBatch().getMark())
                .isEqualTo(one.header().getBatch().getMark() + 1);
        client.ack(two.header().getBatch().getMark());
        await().until(() -> doppler.confirmed(member, 0) == 2);
        client.close();
    }

    @Test
    void atTheGatewayItIsAnEventOfItsOwnThatLeavesTheIdAsItIs() throws Exception {
        try (SseClient client = read("?log&shard_id=shard")) {
            lags(doppler.member("shard"), 0);
            assertThat(client.line())
                    .startsWith("data: {\"batch\":[")
                    .contains("\"lag_millis\":\"12345\"", "\"source_type\":\"LGR\"")
                    .doesNotContain("loss_", "counter");
            assertThat(client.line()).isEmpty();
            await().until(() -> controller.metric("lag_notices_total") == 1);
            assertThat(controller.metric("gateway_loss_notices_total")).isZero();
        }
    }

    @Test
    void whoSelectsNeitherLogsNorCountersGetsNothingThatItDidNotAskFor() throws Exception {
        try (SseClient client = read("?gauge&shard_id=gauges")) {
            long member = doppler.member("gauges");
            lags(member, 0);
            doppler.deliver(member, 1, List.of(Envelopes.gauge("app", "cpu", 1)));
            assertThat(client.line()).contains("\"gauge\"").doesNotContain("lag_");
            assertThat(controller.metric("lag_notices_total")).isZero();
        }
    }

    private SseClient read(String query) throws Exception {
        RawClient raw = new RawClient(controller.gatewayPort());
        raw.patience(20_000);
        return new SseClient(raw, query);
    }

    @Test
    void aTrafficControllerSaysThatItTakesTheWord() {
        assertThat(doppler.linked().said().get(0).getHello().getTakesLags()).isTrue();
    }
}
