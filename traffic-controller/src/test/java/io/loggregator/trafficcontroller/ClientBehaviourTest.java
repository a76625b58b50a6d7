package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.loggregator.link.v1.Query;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.edge.RawClient.Answer;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients in the field depend on, byte by byte; numbered as the table in {@code docs/protocols.md}, which names the
 * other tests of it, too.
 */
class ClientBehaviourTest extends ControllerFixture {
    private static final int LARGEST_FRAME = 65_536;
    private static final String HANDSHAKE = String.join(
            "\r\n",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "");

    @TempDir
    private static Path directory;

    @BeforeEach
    void start() throws Exception {
        doppler = FakeDoppler.start(vertx, "run");
        controller = Controller.start(vertx, doppler);
    }

    private static Answer get(int port, String path, String headers) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: loggregator.test\r\n" + headers + "\r\n");
            return client.read(false);
        }
    }

    @Test
    @DisplayName("compatibility 1: parts have no headers, and the boundary stands last and without quotes")
    void multipartCanBeCutByItsBytes() throws Exception {
        Query query;
        String body;
        String type;
        try (RawClient client = new RawClient(controller.port())) {
            client.send("GET /apps/app/recentlogs HTTP/1.1\r\nHost: loggregator.test\r\n\r\n");
            query = doppler.query();
            doppler.answer(query, true, List.of(Envelopes.log("app", "one", 1), Envelopes.log("app", "two", 2)));
            Answer answer = client.read(false);
            assertThat(answer.status()).isEqualTo(200);
            type = answer.header("Content-Type");
            body = answer.body();
        }
        assertThat(type).matches("multipart/x-protobuf; boundary=[0-9a-f]{60}");
        String boundary = type.substring(type.indexOf('=') + 1);
        String[] parts = body.split("(\r\n)?--" + boundary, -1);
        assertThat(parts).hasSize(4);
        assertThat(parts[0]).isEmpty();
        assertThat(parts[3]).isEqualTo("--\r\n");
        List<EventFactory.Envelope> envelopes = new ArrayList<>();
        for (String part : List.of(parts[1], parts[2])) {
            assertThat(part).startsWith("\r\n\r\n");
            envelopes.add(EventFactory.Envelope.parseFrom(part.substring(4).getBytes(StandardCharsets.ISO_8859_1)));
        }
        assertThat(Envelopes.texts(envelopes)).containsExactly("one", "two");
    }

    @Test
    @DisplayName("compatibility 2: each binary frame is whole, at most 64 KiB, and one envelope")
    void framesFitEveryClient() throws Exception {
        try (BareWebSocket client = BareWebSocket.connect(controller.port(), "/firehose/f")) {
            List<Integer> sizes = List.of(0, 1, 125, 126, 65_000, 65_536, 200_000);
            List<Envelope> logs = sizes.stream().map(ClientBehaviourTest::log).toList();
            doppler.deliver(doppler.member("f"), 1, logs);
            for (int size : sizes) {
                // Fails by itself where a frame is a fragment.
                BareWebSocket.Frame frame = client.read(BareWebSocket.BINARY);
                assertThat(frame.payload()).hasSizeLessThanOrEqualTo(LARGEST_FRAME);
                ByteString message = frame.envelope().getLogMessage().getMessage();
                assertThat(frame.envelope().toByteString().size()).isEqualTo(frame.payload().length);
                if (size <= 65_000) {
                    assertThat(message.size()).isEqualTo(size);
                } else {
                    assertThat(message.toStringUtf8()).matches("x+ \\.\\.\\.\\[\\d+ bytes cut]");
                }
            }
        }
    }

    private static Envelope log(int size) {
        return Envelopes.log("app", "").toBuilder()
                .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("x".repeat(size))))
                .build();
    }

    @Test
    @DisplayName("compatibility 4 and 5: a bad token gets 401, at the firehose with a reason, at the gateway 404")
    void badTokensAreRefusedAsEachKindOfClientExpects() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        Path key = Files.writeString(
                directory.resolve("token.pub"),
                "-----BEGIN PUBLIC KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPublic().getEncoded())
                        + "\n-----END PUBLIC KEY-----\n");
        Map<String, String> guarded =
                Map.of("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "false", "JWT_KEY_FILE", key.toString());
        // In its place: servers of one Vert.x that ask for any port share the one they get.
        controller.close();
        controller = Controller.start(vertx, Controller.TIMING, guarded, doppler);
        for (String token : List.of("", "Authorization: bearer nonsense\r\n", "Authorization: Basic Og==\r\n")) {
            Answer firehose = get(controller.port(), "/firehose/f", token + HANDSHAKE);
            assertThat(firehose.status()).as(token).isEqualTo(401);
            assertThat(firehose.body()).matches("You are not authorized\\. .+");
            for (String path : List.of("stream", "recentlogs", "containermetrics")) {
                String headers = token + (path.equals("stream") ? HANDSHAKE : "");
                Answer app = get(controller.port(), "/apps/app/" + path, headers);
                assertThat(app.status()).as("%s %s", path, token).isEqualTo(401);
            }
            Answer gateway = get(controller.gatewayPort(), "/v2/read?log", token);
            assertThat(gateway.status()).as(token).isEqualTo(404);
            assertThat(gateway.body()).contains("\"error\":\"not_found\"");
        }
    }

    @Test
    @DisplayName("compatibility 6 and 7: whoever looks for a Log Cache here is told that there is none")
    void thereIsNoLogCache() throws Exception {
        for (int port : new int[] {controller.port(), controller.gatewayPort()}) {
            for (String path : List.of("/api/v1/info", "/api/v1/meta", "/api/v1/read/app?start_time=-1&limit=1000")) {
                assertThat(get(port, path, "").status()).as(path).isEqualTo(404);
            }
        }
    }

    @Test
    @DisplayName("compatibility 10 and 11: no client is refused for what it accepts, nor for keys without values")
    void whatClientsSendBesidesDoesNotMatter() throws Exception {
        String headers = "Accept: application/json\r\nAccept-Encoding: gzip\r\nOrigin: https://elsewhere.example\r\n";
        for (String query : List.of("", "?", "?log&counter", "?filter-type", "?filter-type=logs&")) {
            try (RawClient client = new RawClient(controller.port())) {
                client.send("GET /firehose/any" + query + " HTTP/1.1\r\nHost: loggregator.test\r\n" + headers
                        + HANDSHAKE + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
                Answer answer = client.read(false);
                assertThat(answer.status()).as(query).isEqualTo(101);
                assertThat(answer.header("Sec-WebSocket-Extensions")).isNull();
                assertThat(answer.header("Content-Encoding")).isNull();
            }
        }
        try (RawClient client = new RawClient(controller.port())) {
            client.send("GET /apps/app/recentlogs? HTTP/1.1\r\nHost: loggregator.test\r\n" + headers + "\r\n");
            doppler.answer(doppler.query(), true, List.of());
            Answer answer = client.read(false);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Encoding")).isNull();
        }
    }
}
