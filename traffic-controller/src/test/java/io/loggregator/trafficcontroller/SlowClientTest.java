package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.link.v1.Batch;
import io.loggregator.link.v1.Delivery;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients that stop reading, for a while or for good. Each test sums up what was sent, received and told as lost. */
class SlowClientTest extends ControllerFixture {
    private static final int BATCH = 125;
    /** More than fits into sockets, in batches of half a megabyte. */
    private static final int BATCHES = 32;

    @BeforeEach
    void start() {
        doppler = FakeDoppler.start(vertx, "first run");
    }

    private void start(Map<String, String> settings) throws Exception {
        controller = Controller.start(vertx, Controller.TIMING, settings, doppler);
    }

    // ---- firehoses -----------------------------------------------------------------------------------------------

    @Test
    void aFirehoseThatStallsIsClosedCountedAndLeavesWhileOthersGoOn() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s"));
        StreamClient healthy = connect("/firehose/healthy");
        try (BareWebSocket stalled = BareWebSocket.connectNarrow(controller.port(), "/firehose/stalled")) {
            long healthyMember = doppler.member("healthy");
            long stalledMember = doppler.member("stalled");
            for (int i = 0; i < BATCHES; i++) {
                doppler.batch(
                        Batch.newBuilder()
                                .addDeliveries(Delivery.newBuilder()
                                        .setMember(healthyMember)
                                        .setSequence(i + 1))
                                .addDeliveries(Delivery.newBuilder()
                                        .setMember(stalledMember)
                                        .setSequence(i + 1))
                                .build(),
                        Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            assertThat(Envelopes.numbers(healthy.received(BATCHES * BATCH))).isEqualTo(upTo(BATCHES * BATCH));
            await().until(() -> doppler.confirmed(healthyMember, 0) == BATCHES);
            await().untilAsserted(() ->
                    assertThat(FakeDoppler.leaves(doppler.linked())).containsExactly(stalledMember));
            assertThat(doppler.confirmed(stalledMember, 0))
                    .as("nothing was confirmed, so its group gets all of it again")
                    .isZero();
            assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isEqualTo(1);
            assertThat(controller.metric("doppler_proxy_firehoses")).isEqualTo(1);
            assertThat(healthy.closed).isNull();
            assertThat(stalled.readToEnd()).isLessThan(BATCHES * BATCH);
        }
    }

    @Test
    void aFirehoseThatReadsAgainInTimeGetsAllInOrder() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1h"));
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/firehose/pausing")) {
            long member = doppler.member("pausing");
            for (int i = 0; i < BATCHES; i++) {
                doppler.deliver(member, i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            // The query is answered behind the batches, so all of them have come.
            sync();
            assertThat(controller.metric("egress_total{endpoint=\"firehose\"}")).isLessThan(BATCHES * BATCH);
            assertThat(Envelopes.numbers(client.readEnvelopes(BATCHES * BATCH))).isEqualTo(upTo(BATCHES * BATCH));
            BareWebSocket.Frame asked = client.read(BareWebSocket.PING);
            client.send(BareWebSocket.PONG, asked.payload());
            await().until(() -> doppler.confirmed(member, 0) == BATCHES);
            assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isZero();
        }
    }

    @Test
    void aFirehoseThatIsClosedFindsBehindWhatWaitedHowFastItWasAndHadToBe() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s"));
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/firehose/stalled")) {
            long member = doppler.member("stalled");
            // While it keeps up: what it needs is known from here.
            doppler.deliver(member, 1, Envelopes.largeLogs("app", 0, BATCH));
            client.readEnvelopes(BATCH);
            client.send(BareWebSocket.PONG, client.read(BareWebSocket.PING).payload());
            await().until(() -> doppler.confirmed(member, 0) == 1);
            for (int i = 1; i < BATCHES; i++) {
                doppler.deliver(member, i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            await().until(() -> controller.metric("doppler_proxy_slow_consumer_total") == 1);
            BareWebSocket.Frame close = client.read(BareWebSocket.CLOSE);
            assertThat(close)
                    .as("the socket is full, but the client reads again")
                    .isNotNull();
            assertThat(close.closeCode()).isEqualTo(1008);
            assertThat(close.closeReason()).matches("too slow: took 0 of [1-9]\\d+ envelopes/s");
            client.sendClose(1008);
            assertThat(client.read()).isNull();
            assertThat(controller.metric("doppler_proxy_firehoses")).isZero();
        }
    }

    @Test
    void oneThatReadsNothingOfItsEndIsCutOff() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s"));
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
            for (int i = 0; i < BATCHES; i++) {
                doppler.tails(i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            await().until(() -> controller.metric("doppler_proxy_slow_consumer_total") == 1);
            await().until(() -> controller.metric("doppler_proxy_app_streams") == 0);
            assertThat(client.read(BareWebSocket.CLOSE)).isNull();
        }
    }

    // ---- app streams ---------------------------------------------------------------------------------------------

    @Test
    void aTailThatFallsBehindCatchesUpInOrderWithoutLoss() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1h"));
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            StreamClient healthy = connect("/apps/app/stream");
            await().until(() -> controller.metric("doppler_proxy_app_streams") == 2);
            for (int i = 0; i < BATCHES; i++) {
                List<org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope> batch =
                        new ArrayList<>(Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
                batch.add(i, Envelopes.log("other", "not for this app"));
                doppler.tails(i + 1, batch);
            }
            assertThat(Envelopes.numbers(healthy.received(BATCHES * BATCH))).isEqualTo(upTo(BATCHES * BATCH));
            assertThat(controller.metric("egress_total{endpoint=\"stream\"}"))
                    .as("the slow one has not got all")
                    .isLessThan(2L * BATCHES * BATCH);
            assertThat(Envelopes.numbers(client.readEnvelopes(BATCHES * BATCH))).isEqualTo(upTo(BATCHES * BATCH));
            // At the head again.
            doppler.tails(BATCHES + 1, Envelopes.largeLogs("app", 0, 1));
            assertThat(Envelopes.numbers(client.readEnvelopes(1))).containsExactly(0);
            assertThat(controller.dropped("lapped")).isZero();
            assertThat(controller.metric("loss_notices_total")).isZero();
        }
    }

    @Test
    void aTailThatIsLappedIsToldHowManyItMissed() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1h", "LOG_BYTES", "4MiB"));
        try (BareWebSocket client = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
            for (int i = 0; i < BATCHES; i++) {
                List<org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope> batch =
                        new ArrayList<>(Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
                // What others write is not counted for this app.
                batch.addAll(Envelopes.logs("other", "x", 0, 50));
                doppler.tails(i + 1, batch);
            }
            sync();
            long lost = controller.dropped("lapped") + controller.dropped("thinned");
            assertThat(lost).isPositive();
            assertThat(controller.metric("lag_notices_total")).isEqualTo(1);
            int sent = BATCHES * BATCH;
            List<Envelope> got = new ArrayList<>();
            List<Envelope> lags = new ArrayList<>();
            while (Envelopes.numbers(got).size() + Envelopes.announced(got) < sent) {
                Envelope next = client.readEnvelopes(1).get(0);
                if (Envelopes.isLag(next)) {
                    assertThat(Envelopes.announced(got))
                            .as("told that it lags before it lost anything")
                            .isZero();
                    lags.add(next);
                } else {
                    got.add(next);
                }
            }
            assertThat(lags).hasSize(2);
            assertThat(lags.get(0).getLogMessage().getAppId()).isEqualTo("app");
            assertThat(lags.get(0).getLogMessage().getMessage().toStringUtf8())
                    .matches("This reader lags: " + client.localAddress()
                            + " is \\d+\\.\\d s \\(\\d\\.\\d MiB of the log\\) behind\\. From [23]\\.\\d MiB on, .*");
            List<Integer> numbers = Envelopes.numbers(got);
            assertThat(Envelopes.announced(got)).isEqualTo(lost);
            assertThat(numbers).isSorted().doesNotHaveDuplicates().hasSize((int) (sent - lost));
            int notice = IntStream.range(0, got.size())
                    .filter(i -> Envelopes.isNotice(got.get(i)))
                    .findFirst()
                    .orElseThrow();
            assertThat(numbers.subList(0, notice)).as("whole up to the notice").isEqualTo(upTo(notice));
            assertThat(got.get(notice).getLogMessage().getMessage().toStringUtf8())
                    .matches("Log message output is too high. (\\d+) messages dropped \\(Total \\1 messages dropped\\)"
                            + " from DopplerServer to " + client.localAddress() + ".");
            assertThat(got.get(notice).getLogMessage().getAppId()).isEqualTo("app");
            assertThat(controller.dropped("lapped") + controller.dropped("thinned"))
                    .isEqualTo(lost);
        }
    }

    @Test
    void whatWaitedForATailThatIsClosedAsTooSlowIsCounted() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s", "LOG_BYTES", "4MiB"));
        StreamClient healthy = connect("/apps/app/stream");
        try (BareWebSocket stalled = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            await().until(() -> controller.metric("doppler_proxy_app_streams") == 2);
            for (int i = 0; i < BATCHES; i++) {
                doppler.tails(i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            int sent = BATCHES * BATCH;
            // Notices apart: the healthy one may have been behind for a moment, too, but must not be lapped for long.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> controller.metric("doppler_proxy_slow_consumer_total") == 1);
            await().until(() -> controller.metric("doppler_proxy_app_streams") == 1);
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                long toHealthy = Envelopes.numbers(healthy.received()).size();
                long lost = controller.dropped("lapped")
                        + controller.dropped("thinned")
                        + controller.dropped("slow_consumer");
                long written = controller.metric("egress_total{endpoint=\"stream\"}");
                assertThat(written + lost).isEqualTo(2L * sent);
                assertThat(toHealthy + Envelopes.announced(healthy.received())).isEqualTo(sent);
            });
            assertThat(controller.dropped("slow_consumer")).isPositive();
            assertThat(controller.metric("doppler_proxy_slow_consumer_total")).isEqualTo(1);
            assertThat(stalled.readToEnd()).isLessThan(sent);
        }
    }

    @Test
    void aTailThatIsClosedAsTooSlowIsToldWhatItLosesAndThenWhy() throws Exception {
        start(Map.of("SLOW_CONSUMER_TIMEOUT", "1s", "LOG_BYTES", "4MiB"));
        try (BareWebSocket stalled = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
            for (int i = 0; i < BATCHES; i++) {
                doppler.tails(i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            await().until(() -> controller.metric("doppler_proxy_slow_consumer_total") == 1);

            int sent = BATCHES * BATCH;
            List<Envelope> got = new ArrayList<>();
            BareWebSocket.Frame frame = readToClose(stalled, got);
            assertThat(frame.closeCode()).isEqualTo(1008);
            assertThat(frame.closeReason()).matches("too slow: took \\d+(\\.\\d)? of [1-9]\\d+ envelopes/s");
            List<Integer> numbers = Envelopes.numbers(got);
            assertThat(numbers).isEqualTo(upTo(numbers.size()));
            assertThat(Envelopes.announced(got)).isPositive().isEqualTo(sent - numbers.size());
            stalled.sendClose(1008);
            await().until(() -> controller.metric("doppler_proxy_app_streams") == 0);
            assertThat(dropped()).isEqualTo(sent - numbers.size());
        }
    }

    @Test
    void whatWaitedForATailThatAnswersNoPingIsCountedAndTold() throws Exception {
        TestClock clock = new TestClock();
        controller = Controller.start(vertx, clock, Map.of("SLOW_CONSUMER_TIMEOUT", "1h"), doppler);
        try (BareWebSocket silent = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
            for (int i = 0; i < BATCHES; i++) {
                doppler.tails(i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            sync();
            clock.advance(Duration.ofSeconds(1), 2);
            clock.advance(Duration.ofSeconds(31), 2);
            await().until(() -> controller.dropped("no_pong") > 0);
            List<Envelope> got = new ArrayList<>();
            assertThat(readToClose(silent, got).closeCode()).isEqualTo(1008);
            assertThat(Envelopes.announced(got)).isEqualTo(controller.dropped("no_pong"));
            assertThat(Envelopes.numbers(got).size() + Envelopes.announced(got)).isEqualTo(BATCHES * BATCH);
        }
    }

    @Test
    void whatWaitedForATailAtAStopIsCountedAndTold() throws Exception {
        start(Map.of("STOP_TIMEOUT", "400ms"));
        try (BareWebSocket late = BareWebSocket.connectNarrow(controller.port(), "/apps/app/stream")) {
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("app"));
            for (int i = 0; i < BATCHES; i++) {
                doppler.tails(i + 1, Envelopes.largeLogs("app", i * BATCH, (i + 1) * BATCH));
            }
            sync();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(controller::stop);
            await().until(() -> controller.dropped("stopped") > 0);
            List<Envelope> got = new ArrayList<>();
            assertThat(readToClose(late, got).closeCode()).isEqualTo(1001);
            late.sendClose(1001);
            stopped.join();
            assertThat(Envelopes.announced(got)).isEqualTo(controller.dropped("stopped"));
            assertThat(Envelopes.numbers(got).size() + Envelopes.announced(got)).isEqualTo(BATCHES * BATCH);
        }
    }

    private static BareWebSocket.Frame readToClose(BareWebSocket client, List<Envelope> envelopes) throws IOException {
        BareWebSocket.Frame frame = client.read();
        while (frame != null && frame.opcode() != BareWebSocket.CLOSE) {
            if (frame.opcode() == BareWebSocket.BINARY) {
                envelopes.add(frame.envelope());
            }
            frame = client.read();
        }
        assertThat(frame).as("the socket was full, but the client reads again").isNotNull();
        return frame;
    }

    private long dropped() {
        return controller.dropped("lapped") + controller.dropped("thinned") + controller.dropped("slow_consumer");
    }

    /** Returns when the Traffic Controller has taken all that the Doppler sent before. */
    private void sync() {
        StreamClient last = connect("/firehose/sync");
        long member = doppler.member("sync");
        doppler.deliver(member, 1, Envelopes.logs("app", "sync", 0, 1));
        last.received(1);
        last.close(1000);
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private StreamClient connect(String path) {
        return Library.VERTX.connect(vertx, controller.port(), path);
    }
}
