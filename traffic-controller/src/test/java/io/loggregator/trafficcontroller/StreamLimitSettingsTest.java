package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.trafficcontroller.StreamClient.Close;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.fanout.ClientSocket;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits on what the clients of streams may take and ask for are where their settings put them, and are counted. */
class StreamLimitSettingsTest extends ControllerFixture {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final String UPGRADE = """
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r
            """;

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

    // ---- filters -------------------------------------------------------------------------------------------------

    @Test
    void lengthOfAPattern() throws Exception {
        start(Controller.TIMING, Map.of("FILTER_PATTERN_LENGTH", "16"));
        refuses("grep=" + "a".repeat(17), "grep: at most 16 characters");
        refuses("grep=a%7B17%7D", "grep: repeats too much; at most 16 steps with repetitions written out");
        serves("grep=a%7B9%7D");
    }

    @Test
    void valuesOfAFilter() throws Exception {
        start(Controller.TIMING, Map.of("FILTER_VALUES", "2"));
        refuses("instance=0&instance=1&instance=2", "instance: at most 2 different values");
        refuses("source_type=A&source_type=B&source_type=C", "source_type: at most 2 different values");
        serves("instance=0&instance=1&source_type=A&source_type=B");
    }

    private void refuses(String filter, String why) throws Exception {
        long before = controller.metric("edge_refused_total{reason=\"bad_query\"}");
        for (int port : List.of(controller.port(), controller.gatewayPort())) {
            RawClient.Answer answer = answer(port, filter, false);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains(why);
        }
        await().until(() -> controller.metric("edge_refused_total{reason=\"bad_query\"}") == before + 1);
    }

    private void serves(String filter) throws Exception {
        assertThat(answer(controller.port(), filter, true).status()).isEqualTo(101);
        assertThat(answer(controller.gatewayPort(), filter, true).status()).isEqualTo(200);
    }

    private RawClient.Answer answer(int port, String filter, boolean head) throws Exception {
        boolean gateway = port == controller.gatewayPort();
        try (RawClient client = new RawClient(port)) {
            client.patience(PATIENCE_MILLIS);
            client.send("GET " + (gateway ? "/v2/read?log&" : "/apps/a/stream?") + filter + " HTTP/1.1\r\nHost: x\r\n"
                    + (gateway ? "" : UPGRADE) + "\r\n");
            return client.read(head);
        }
    }

    // ---- the disk ------------------------------------------------------------------------------------------------

    @Test
    void securityEventsThatWait(@TempDir Path directory) throws Exception {
        Path pipe = directory.resolve("events.log");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        // A pipe that is opened but not read takes 64 KiB, then no more.
        Process reader = new ProcessBuilder("sh", "-c", "exec 3<\"$1\"; cat", "reader", pipe.toString()).start();
        try {
            start(
                    Controller.TIMING,
                    Map.of(
                            "SECURITY_EVENT_BYTES",
                            "64KiB",
                            "TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG",
                            pipe.toString(),
                            "TRAFFIC_CONTROLLER_IP",
                            "192.0.2.1"));
            // Into the pipe, under way to it, and waiting: three times 64 KiB and a line each. Each request is a line
            // of 24 KiB.
            String request = "GET /" + "x".repeat(8 << 10) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            for (int i = 0; i < 30; i++) {
                try (RawClient client = new RawClient(controller.port())) {
                    client.patience(PATIENCE_MILLIS);
                    client.send(request);
                    assertThat(client.rest()).startsWith("HTTP/1.1 404");
                }
            }
            await().until(() -> controller.metric("security_events_lost_total") > 0);
        } finally {
            reader.destroyForcibly().waitFor();
        }
    }
}
