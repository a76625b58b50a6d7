package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.trafficcontroller.StreamClient.Close;
import io.loggregator.trafficcontroller.StreamClient.Library;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pings, Pongs, and how streams end. Time is the test's. */
class KeepAliveTest extends ControllerFixture {

    private final TestClock clock = new TestClock();

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "first run");
        controller = Controller.start(vertx, clock, Map.of(), doppler);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/firehose/f", "/apps/a/stream"})
    @DisplayName("compatibility 3: Pings come at most 30 s apart")
    void theFirstPingComesAtOnceAndTheNextFifteenSecondsAfterItsPong(String path) throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), path)) {
            BareWebSocket.Frame first = client.read();
            assertThat(first.opcode()).isEqualTo(BareWebSocket.PING);
            assertThat(first.payload()).isEmpty();
            clock.advance(Duration.ofSeconds(20), 1);
            client.send(BareWebSocket.PONG, first.payload());
            // A reply shows that what was sent before has been read, and that nothing was sent in between.
            client.send(BareWebSocket.PING, new byte[] {'1'});
            assertThat(client.read().opcode()).isEqualTo(BareWebSocket.PONG);
            clock.advance(Duration.ofMillis(14_999), 1);
            client.send(BareWebSocket.PING, new byte[] {'2'});
            assertThat(client.read().opcode()).isEqualTo(BareWebSocket.PONG);
            clock.advance(Duration.ofMillis(1));
            BareWebSocket.Frame second = client.read();
            assertThat(second.opcode()).isEqualTo(BareWebSocket.PING);
            assertThat(second.payload()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/firehose/f", "/apps/a/stream"})
    void aClientWithoutAPongIsClosedAfterThirtySeconds(String path) throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), path)) {
            assertThat(client.read().opcode()).isEqualTo(BareWebSocket.PING);
            clock.advance(Duration.ofMillis(29_999), 1);
            client.send(BareWebSocket.PING, new byte[] {'1'});
            assertThat(client.read().opcode()).isEqualTo(BareWebSocket.PONG);
            // The client's own ping is a sign of life, too.
            clock.advance(Duration.ofMillis(29_999), 1);
            clock.advance(Duration.ofMillis(1));
            BareWebSocket.Frame close = client.read();
            assertThat(close.opcode()).isEqualTo(BareWebSocket.CLOSE);
            assertThat(close.closeCode()).isEqualTo(1008);
            assertThat(close.closeReason())
                    .isEqualTo("Client did not respond to ping before keep-alive timeout expired.");
            client.sendClose(1008);
            assertThat(client.read()).as("after the close").isNull();
        }
    }

    @Test
    void afterTheCloseNothingIsSent() throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), "/firehose/f");
                BareWebSocket tail = BareWebSocket.connect(controller.port(), "/apps/a/stream")) {
            long member = doppler.member("f");
            await().until(() -> FakeDoppler.followed(doppler.linked()).contains("a"));
            clock.advance(Duration.ofSeconds(30));
            assertThat(client.read(BareWebSocket.CLOSE).closeCode()).isEqualTo(1008);
            assertThat(tail.read(BareWebSocket.CLOSE).closeCode()).isEqualTo(1008);
            StreamClient healthy = connect(Library.VERTX, "/apps/a/stream");
            await().until(() -> controller.metric("doppler_proxy_app_streams") == 2);
            doppler.deliver(member, 1, Envelopes.logs("a", "late", 0, 1));
            doppler.tails(1, Envelopes.logs("a", "late", 0, 1));
            healthy.received(1);
            client.sendClose(1008);
            tail.sendClose(1008);
            assertThat(client.read()).isNull();
            assertThat(tail.read()).isNull();
            assertThat(controller.metric("egress_total{endpoint=\"firehose\"}"))
                    .as("not delivered, so its Doppler takes it back")
                    .isZero();
            await().until(() -> FakeDoppler.leaves(doppler.linked()).contains(member));
            assertThat(doppler.confirmed(member, 0)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    @DisplayName("compatibility 3: a client has to send no Pings of its own")
    void clientsThatAnswerPingsStay(Library library) {
        StreamClient client = connect(library, "/firehose/f");
        long member = doppler.member("f");
        for (int sequence = 1; sequence <= 8; sequence++) {
            // A confirmation shows that the Pong of this round has come.
            doppler.deliver(member, sequence, Envelopes.logs("a", "line", sequence, sequence + 1));
            long now = sequence;
            await().until(() -> doppler.confirmed(member, 0) == now);
            clock.advance(Duration.ofSeconds(20), 1);
        }
        client.received(8);
        assertThat(client.closed).isNull();
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    @DisplayName("compatibility 3: text frames from a client do no harm")
    void whatAClientSaysIsIgnored(Library library) {
        StreamClient client = connect(library, "/apps/a/stream");
        client.sendText("I'm alive");
        client.sendText("");
        await().until(() -> FakeDoppler.followed(doppler.linked()).contains("a"));
        doppler.tails(1, Envelopes.logs("a", "line", 0, 1));
        client.received(1);
        assertThat(client.closed).isNull();
    }

    @ParameterizedTest
    @CsvSource({"/firehose/f", "/apps/a/stream"})
    void aFrameThatIsTooLongEndsTheStreamAndIsCounted(String path) throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), path)) {
            client.sendLarge(65_536);
            client.send(BareWebSocket.PING, new byte[] {'1'});
            assertThat(client.read(BareWebSocket.PONG)).as("as long as may be").isNotNull();
            assertThat(controller.metric("websocket_violations_total")).isZero();
            client.sendLarge(65_537);
            assertThat(client.read(BareWebSocket.BINARY)).as("the end").isNull();
        }
        await().untilAsserted(() -> {
            assertThat(controller.metric("doppler_proxy_firehoses")).isZero();
            assertThat(controller.metric("doppler_proxy_app_streams")).isZero();
        });
        assertThat(controller.metric("websocket_violations_total")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"/firehose/f", "/apps/a/stream"})
    void aClientThatClosesIsAnsweredWithTheSame(String path) throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), path)) {
            client.sendClose(1000);
            assertThat(client.read(BareWebSocket.CLOSE).closeCode()).isEqualTo(1000);
            assertThat(client.read()).isNull();
        }
        await().untilAsserted(() -> {
            assertThat(controller.metric("doppler_proxy_firehoses")).isZero();
            assertThat(controller.metric("doppler_proxy_app_streams")).isZero();
        });
    }

    @ParameterizedTest
    @EnumSource(Library.class)
    void atAStopClientsAreToldToGoElsewhere(Library library) {
        StreamClient firehose = connect(library, "/firehose/f");
        StreamClient app = connect(library, "/apps/a/stream");
        long member = doppler.member("f");
        doppler.deliver(member, 1, Envelopes.logs("a", "last", 0, 1));
        firehose.received(1);
        controller.stop();
        for (StreamClient client : new StreamClient[] {firehose, app}) {
            assertThat(client.awaitClose()).isEqualTo(new Close(1001, "this Traffic Controller stops"));
        }
        await().until(() -> doppler.linked().closed());
        assertThat(doppler.confirmed(member, 0)).isEqualTo(1);
    }

    private StreamClient connect(Library library, String path) {
        return library.connect(vertx, controller.port(), path);
    }
}
