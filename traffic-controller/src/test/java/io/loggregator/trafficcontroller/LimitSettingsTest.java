package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.gateway.BareHttp2;
import io.loggregator.trafficcontroller.gateway.GatewayCertificate;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each limit on what a client may cost is where its setting puts it, and is counted when it bites. */
class LimitSettingsTest extends ControllerFixture {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final String HOST = " HTTP/1.1\r\nHost: x\r\n";
    private static final String UPGRADE = """
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r
            """;
    private static final String FIREHOSE = "GET /firehose/all" + HOST + UPGRADE + "\r\n";
    /** The preface of HTTP/2 and empty settings. */
    private static final String HTTP2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\u0004\0\0\0\0\0";

    @TempDir
    Path directory;

    @BeforeEach
    void startDoppler() {
        doppler = FakeDoppler.start(vertx, "first run");
    }

    private void start(String... settings) throws Exception {
        Map<String, String> more = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            more.put(settings[i], settings[i + 1]);
        }
        controller = Controller.start(vertx, Controller.TIMING, more, doppler);
    }

    // ---- times ---------------------------------------------------------------------------------------------------

    @Test
    void timeForHeaders() throws Exception {
        start("HTTP_HEADER_TIMEOUT", "100ms", "HTTP_IDLE_TIMEOUT", "1h");
        try (RawClient edge = client(controller.port());
                RawClient gateway = client(controller.gatewayPort())) {
            edge.send("GET / HTTP/1.1\r\n");
            gateway.send("GET / HTTP/1.1\r\n");
            assertThat(edge.rest()).startsWith("HTTP/1.1 408");
            assertThat(gateway.rest()).startsWith("HTTP/1.1 408");
            await().until(() -> refused("slow_request") == 1);
            assertThat(gatewayRefused("slow_request")).isEqualTo(1);
        }
    }

    @Test
    void timeForABody() throws Exception {
        start("HTTP_BODY_TIMEOUT", "100ms");
        try (RawClient client = client(controller.port())) {
            client.send("POST /set-cookie" + HOST
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nhalf");
            assertThat(client.rest()).startsWith("HTTP/1.1 408");
            await().until(() -> refused("slow_request") == 1);
        }
    }

    @Test
    void timeBetweenRequests() throws Exception {
        start("HTTP_IDLE_TIMEOUT", "100ms");
        try (RawClient edge = client(controller.port());
                RawClient gateway = client(controller.gatewayPort())) {
            edge.send("GET /nothing" + HOST + "\r\n");
            gateway.send("GET /nothing" + HOST + "\r\n");
            assertThat(edge.rest()).startsWith("HTTP/1.1 404");
            assertThat(gateway.rest()).startsWith("HTTP/1.1 404");
            assertThat(controller.metric("edge_idle_closed_total{request=\"next\"}"))
                    .isEqualTo(1);
            assertThat(controller.metric("gateway_idle_closed_total{request=\"next\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void timeForTheTlsHandshake() throws Exception {
        var certificate = new GatewayCertificate(directory).files();
        String chain = certificate.certificate().toString();
        String key = certificate.key().toString();
        start(
                "TLS_HANDSHAKE_TIMEOUT",
                "200ms",
                "TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE",
                chain,
                "TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE",
                key,
                "RLP_CERT_FILE",
                chain,
                "RLP_KEY_FILE",
                key,
                "RLP_CA_FILE",
                chain);
        try (RawClient edge = client(controller.port());
                RawClient gateway = client(controller.gatewayPort());
                RawClient rlp = client(controller.rlpPort())) {
            assertThat(edge.rest() + gateway.rest() + rlp.rest()).isEmpty();
            for (String port : List.of("loggregator", "gateway", "rlp")) {
                await().until(() -> controller.metric("tls_refused_total{port=\"" + port + "\",reason=\"slow\"}") == 1);
            }
        }
    }

    @Test
    void timeForAHeaderOfTheProxyProtocol() throws Exception {
        start("PROXY_HEADER_TIMEOUT", "100ms", "PROXY_PROTOCOL", "accept", "TRUSTED_PROXIES", "127.0.0.1");
        try (RawClient client = client(controller.port())) {
            client.send("PROX");
            assertThat(client.rest()).isEmpty();
            await().until(() -> refused("proxy_header") == 1);
        }
    }

    @Test
    void silenceAtTheRlpPort() throws Exception {
        start("RLP_PING_AFTER", "100ms");
        try (RawClient client = client(controller.rlpPort())) {
            client.send(HTTP2);
            assertThat(client.rest()).as("a ping, and the end").contains("\0\0\u0008\u0006\0");
        }
    }

    // ---- sizes ---------------------------------------------------------------------------------------------------

    @Test
    void sizesOfRequestLineAndHeaders() throws Exception {
        start("HTTP_REQUEST_LINE_BYTES", "1KiB", "GATEWAY_REQUEST_LINE_BYTES", "2KiB", "HTTP_HEADER_BYTES", "1KiB");
        String long1 = "GET /" + "x".repeat(1_024) + HOST + "\r\n";
        String long2 = "GET /" + "x".repeat(2_048) + HOST + "\r\n";
        String headers = "GET /" + HOST + "X: " + "x".repeat(1_024) + "\r\n\r\n";
        assertThat(status(controller.port(), long1)).isEqualTo(414);
        assertThat(status(controller.gatewayPort(), long1)).isEqualTo(404);
        assertThat(status(controller.gatewayPort(), long2)).isEqualTo(414);
        assertThat(status(controller.port(), headers)).isEqualTo(431);
        assertThat(status(controller.gatewayPort(), headers)).isEqualTo(431);
        await().until(() -> refused("line_too_long") == 1);
        assertThat(gatewayRefused("line_too_long")).isEqualTo(1);
        await().until(() -> refused("header_too_large") == 1);
        assertThat(gatewayRefused("header_too_large")).isEqualTo(1);
    }

    @Test
    void sizeOfAWebSocketMessage() throws Exception {
        start("WEBSOCKET_MESSAGE_BYTES", "1KiB");
        try (RawClient client = client(controller.port())) {
            client.send(FIREHOSE);
            assertThat(client.read(true).status()).isEqualTo(101);
            client.send("\u0082\u00FE\u0004\u0000" + "\0\0\0\0" + "x".repeat(1_024));
            client.send("\u0082\u00FE\u0004\u0001" + "\0\0\0\0" + "x".repeat(1_025));
            client.rest();
            await().until(() -> controller.metric("websocket_violations_total") == 1);
        }
    }

    @Test
    void sizeOfAHeaderOfTheProxyProtocol() throws Exception {
        start("PROXY_HEADER_BYTES", "256", "PROXY_PROTOCOL", "require", "TRUSTED_PROXIES", "127.0.0.1");
        assertThat(status(controller.port(), proxied(200) + "GET /" + HOST + "\r\n"))
                .isEqualTo(404);
        try (RawClient client = client(controller.port())) {
            client.send(proxied(512));
            assertThat(client.rest()).isEmpty();
            await().until(() -> refused("proxy_header") == 1);
        }
    }

    /** A header of version 2 with a field that says nothing, of as many bytes. */
    private static String proxied(int bytes) {
        String addresses = "\u00CB\0q\u0007" + "\u007F\0\0\u0001" + "\u0012g" + " \0";
        String field = "\u0004" + length(bytes) + "x".repeat(bytes);
        return "\r\n\r\n\0\r\nQUIT\n!\u0011" + length(addresses.length() + field.length()) + addresses + field;
    }

    private static String length(int bytes) {
        return "" + (char) (bytes >> 8) + (char) (bytes & 0xFF);
    }

    @Test
    void sizeOfTheHeadersOfACall() throws Exception {
        start("RLP_HEADER_BYTES", "1KiB");
        String field = "\0" + "\1x" + "\u007F\u00CD\u0007" + "y".repeat(1_100);
        try (RawClient client = client(controller.rlpPort())) {
            client.send(HTTP2 + "\0" + length(field.length()) + "\1\5\0\0\0\1" + field);
            await().until(() -> controller.metric("rlp_http2_limits_total{limit=\"headers\"}") == 1);
        }
    }

    // ---- counts --------------------------------------------------------------------------------------------------

    @Test
    void connectionsThatAreNoStreams() throws Exception {
        start("HTTP_PLAIN_CONNECTIONS", "1", "MAX_STREAMS", "1", "HTTP_HEADER_TIMEOUT", "1m");
        try (RawClient stream = client(controller.port());
                RawClient plain = client(controller.port())) {
            stream.send(FIREHOSE);
            assertThat(stream.read(true).status()).isEqualTo(101);
            plain.send("GET /" + HOST + "\r\n");
            assertThat(plain.read(false).status()).isEqualTo(404);
            try (RawClient further = client(controller.port())) {
                assertThat(further.rest()).isEmpty();
                await().until(() -> refused("too_many_connections") == 1);
            }
        }
    }

    @Test
    void connectionsOfOneClient() throws Exception {
        start("MAX_CLIENT_CONNECTIONS", "1", "HTTP_HEADER_TIMEOUT", "1m");
        for (int port : List.of(controller.port(), controller.gatewayPort())) {
            try (RawClient first = client(port);
                    RawClient second = client(port)) {
                assertThat(second.rest()).isEmpty();
                first.send("GET /" + HOST + "\r\n");
                assertThat(first.read(false).status()).isEqualTo(404);
            }
            await().until(() -> lives(port));
        }
        assertThat(refused("too_many_connections_of_client")).isPositive();
        assertThat(gatewayRefused("too_many_connections_of_client")).isPositive();
    }

    private static boolean lives(int port) throws Exception {
        try (RawClient client = client(port)) {
            client.send("GET /" + HOST + "Connection: close\r\n\r\n");
            return client.rest().startsWith("HTTP/1.1 404");
        }
    }

    @Test
    void connectionsAreCountedByWhomTheProxyProtocolNames() throws Exception {
        start("MAX_CLIENT_CONNECTIONS", "1", "PROXY_PROTOCOL", "accept", "TRUSTED_PROXIES", "127.0.0.1");
        String one = "PROXY TCP4 203.0.113.7 192.0.2.1 4711 8081\r\nGET /" + HOST + "\r\n";
        String other = one.replace("113.7", "113.8");
        try (RawClient first = client(controller.port())) {
            first.send(one);
            assertThat(first.read(false).status()).isEqualTo(404);
            assertThat(status(controller.port(), other)).isEqualTo(404);
            try (RawClient second = client(controller.port())) {
                second.send(one);
                assertThat(second.rest()).isEmpty();
            }
            assertThat(status(controller.port(), "GET /" + HOST + "\r\n"))
                    .as("the proxy itself")
                    .isEqualTo(404);
            await().until(() -> refused("too_many_connections_of_client") == 1);
        }
    }

    @Test
    void streamsOfAClientWhoseAddressIsAmongThoseOfProxies() throws Exception {
        start("MAX_CLIENT_STREAMS", "1", "TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");
        String request = FIREHOSE.replace(UPGRADE, UPGRADE + "X-Forwarded-For: 10.1.2.3\r\n");
        try (RawClient first = client(controller.port())) {
            first.send(request);
            assertThat(first.read(true).status()).isEqualTo(101);
            assertThat(head(controller.port(), request)).isEqualTo(503);
        }
    }

    @Test
    void streamsOfOneClient() throws Exception {
        start("MAX_CLIENT_STREAMS", "1", "TRUSTED_PROXIES", "127.0.0.1");
        String one = "X-Forwarded-For: 203.0.113.7\r\n";
        String other = "X-Forwarded-For: 203.0.113.8\r\n";
        Map<Integer, String> requests = Map.of(
                controller.port(),
                FIREHOSE.replace(UPGRADE, UPGRADE + one),
                controller.gatewayPort(),
                "GET /v2/read?log" + HOST + one + "\r\n");
        for (var asked : requests.entrySet()) {
            int port = asked.getKey();
            String request = asked.getValue();
            int served = port == controller.port() ? 101 : 200;
            try (RawClient first = client(port);
                    RawClient another = client(port);
                    RawClient proxy = client(port)) {
                first.send(request);
                assertThat(first.read(true).status()).isEqualTo(served);
                another.send(request.replace(one, other));
                assertThat(another.read(true).status()).isEqualTo(served);
                proxy.send(request.replace(one, ""));
                assertThat(proxy.read(true).status()).isEqualTo(served);
                assertThat(head(port, request)).isEqualTo(503);
            }
            await().until(() -> head(port, request) == served);
        }
        assertThat(refused("too_many_streams_of_client")).isPositive();
        assertThat(gatewayRefused("too_many_streams_of_client")).isPositive();
    }

    private static int head(int port, String request) throws Exception {
        try (RawClient client = client(port)) {
            client.send(request);
            return client.read(true).status();
        }
    }

    @Test
    void streamsOfAConnectionToTheGateway() throws Exception {
        GatewayCertificate certificate = startGateway("GATEWAY_CONNECTION_STREAMS", "1");
        try (BareHttp2 bare = new BareHttp2(certificate.trust(), controller.gatewayPort())) {
            bare.get(1, "/v2/read?log", 0).send();
            assertThat(bare.answer()).isEqualTo("1 200");
            bare.get(3, "/v2/read?log", 0).send();
            assertThat(bare.answer()).isEqualTo("3 reset REFUSED_STREAM");
            assertThat(controller.metric("gateway_http2_limits_total{limit=\"streams\"}"))
                    .isEqualTo(1);
        }
    }

    @Test
    void streamsOfAConnectionToTheGatewayThatAreGivenUp() throws Exception {
        GatewayCertificate certificate = startGateway("GATEWAY_CONNECTION_RESETS", "2");
        try (BareHttp2 bare = new BareHttp2(certificate.trust(), controller.gatewayPort())) {
            for (int stream = 1; stream <= 5; stream += 2) {
                bare.get(stream, "/v2/read?nothing", 0).reset(stream);
            }
            bare.send();
            String answer = bare.answer();
            while (!answer.startsWith("goaway")) {
                answer = bare.answer();
            }
            assertThat(answer).startsWith("goaway ENHANCE_YOUR_CALM");
            await().until(() -> controller.metric("gateway_http2_limits_total{limit=\"flood\"}") == 1);
        }
    }

    private GatewayCertificate startGateway(String setting, String value) throws Exception {
        GatewayCertificate certificate = new GatewayCertificate(directory);
        start(
                setting,
                value,
                "HTTP_CERT_PATH",
                certificate.files().certificate().toString(),
                "HTTP_KEY_PATH",
                certificate.files().key().toString());
        return certificate;
    }

    @Test
    void streamsOfAConnectionToTheRlpPort() throws Exception {
        start("RLP_CONNECTION_STREAMS", "1");
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", controller.rlpPort())
                .usePlaintext()
                .build();
        try {
            EgressClient.batched(channel, EgressFixture.logs("one"));
            doppler.member("one");
            EgressClient.batched(channel, EgressFixture.logs("other"));
            await().until(() -> controller.metric("rlp_http2_limits_total{limit=\"streams\"}") == 1);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void connectionsOfAClientToTheRlpPort() throws Exception {
        start("RLP_CLIENT_CONNECTIONS", "1");
        try (RawClient first = client(controller.rlpPort());
                RawClient second = client(controller.rlpPort())) {
            first.send(HTTP2);
            assertThat(second.rest()).isEmpty();
            await().until(() -> controller.metric("rlp_connections_refused_total{reason=\"too_many_of_client\"}") == 1);
        }
    }

    // ---- all of them ---------------------------------------------------------------------------------------------

    static Stream<Setting<?>> settings() {
        return LimitSettings.ALL.stream();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void eachMovesALimitAndStaysInItsRange(Setting<?> setting) throws Exception {
        controller = Controller.start(vertx, doppler);
        String least = setting.expectation().replaceAll(".*, (\\S+) to \\S+$", "$1");
        assertThat(told(Map.of(setting.name(), least.equals("0") ? "1" : least)))
                .isNotEqualTo(told(Map.of()));
    }

    /** All limits. */
    private static String told(Map<String, String> given) throws Exception {
        Settings settings = Settings.load(LimitSettings.ALL, given, null);
        return LimitSettings.loggregator(settings)
                + " "
                + LimitSettings.gateway(settings)
                + " "
                + LimitSettings.rlp(settings)
                + " "
                + LimitSettings.queries(settings)
                + " "
                + settings.get(LimitSettings.QUERY_BYTES)
                + " "
                + LimitSettings.connectionsOfClient(settings)
                + " "
                + LimitSettings.streamsOfClient(settings)
                + " "
                + LimitSettings.clients(settings, Duration.ZERO)
                + " "
                + LimitSettings.securityEvents(settings);
    }

    private long refused(String reason) {
        return controller.metric("edge_refused_total{reason=\"" + reason + "\"}");
    }

    private long gatewayRefused(String reason) {
        return controller.metric("gateway_refused_total{reason=\"" + reason + "\"}");
    }

    private static int status(int port, String request) throws Exception {
        try (RawClient client = client(port)) {
            client.send(request);
            return client.read(false).status();
        }
    }

    private static RawClient client(int port) throws Exception {
        RawClient client = new RawClient(port);
        client.patience(PATIENCE_MILLIS);
        return client;
    }
}
