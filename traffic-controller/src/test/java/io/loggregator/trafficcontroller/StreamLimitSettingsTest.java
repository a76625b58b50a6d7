package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.trafficcontroller.StreamClient.Close;
import io.loggregator.trafficcontroller.fanout.ClientSocket;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits on what the clients of streams may take and ask for are where their settings put them, and are counted. */
class StreamLimitSettingsTest extends ControllerFixture {
    @BeforeEach
    void startDoppler() {
        doppler = FakeDoppler.start(vertx, "first run");
    }

    private void start(Timing timing, Map<String, String> settings) throws Exception {
        controller = Controller.start(vertx, timing, settings, doppler);
    }

    // ---- times ---------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"/firehose/f", "/apps/a/stream"})
    void timeToAnswerAPing(String path) throws Exception {
        TestClock clock = new TestClock();
        start(new Timing(clock, Controller.TICK), Map.of("CLIENT_PING_TIMEOUT", "2s"));
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), path)) {
            client.send(BareWebSocket.PONG, client.read(BareWebSocket.PING).payload());
            nothingCame(client);
            clock.advance(Duration.ofMillis(999), 1);
            nothingCame(client);
            clock.advance(Duration.ofMillis(1));
            assertThat(client.read().opcode()).as("at half of the time").isEqualTo(BareWebSocket.PING);
            clock.advance(Duration.ofMillis(1_999), 1);
            nothingCame(client);
            // That it asked was a sign of life.
            clock.advance(Duration.ofSeconds(2));
            BareWebSocket.Frame close = client.read();
            assertThat(close.opcode()).isEqualTo(BareWebSocket.CLOSE);
            assertThat(close.closeReason()).isEqualTo(ClientSocket.NO_PONG);
        }
    }

    /** An answer shows that what was sent before has been read, and that nothing was sent in between. */
    private static void nothingCame(BareWebSocket client) throws Exception {
        client.send(BareWebSocket.PING, new byte[] {'?'});
        assertThat(client.read().opcode()).isEqualTo(BareWebSocket.PONG);
    }

    @Test
    void timeToTheStart() throws Exception {
        start(Controller.TIMING, Map.of("STREAM_START_TIMEOUT", "100ms"));
        AcknowledgingClient acknowledging = new AcknowledgingClient(vertx, controller.port(), "/firehose/f");
        assertThat(acknowledging.awaitClose()).isEqualTo(new Close(1008, "no start within 100 ms"));
        await().until(() -> controller.metric("stream_v2_violations_total") == 1);
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", controller.rlpPort())
                .usePlaintext()
                .build();
        try {
            Status end = EgressClient.waiting(channel).status();
            assertThat(end.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(end.getDescription()).isEqualTo("no request within 100 ms");
            await().until(() -> controller.metric("rlp_streams_refused_total{code=\"DEADLINE_EXCEEDED\"}") == 1);
        } finally {
            channel.shutdownNow();
        }
    }
}
