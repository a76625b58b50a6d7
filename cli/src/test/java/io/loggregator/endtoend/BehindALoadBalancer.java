package io.loggregator.endtoend;

import static io.loggregator.endtoend.BalancedServers.LIMIT;
import static io.loggregator.endtoend.BalancedServers.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds behind every load balancer whose configuration is in {@code deploy/edge}. Clients are at 127.0.0.77. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BehindALoadBalancer {
    static final String CLIENT = "127.0.0.77";
    static final String ROUTE_SERVICE_HOST = "shop.apps.example.com";
    private static final AtomicInteger NAMES = new AtomicInteger();

    Path directory;

    BalancedServers servers;
    LoadBalancer balancer;
    private ElsewhereOnLoopback elsewhere;
    private HttpClient http;
    private WebSocketClient webSockets;

    abstract LoadBalancer start() throws IOException;

    @BeforeAll
    void serve(@TempDir Path temporary) throws Exception {
        directory = temporary;
        servers = new BalancedServers(directory);
        elsewhere = new ElsewhereOnLoopback(servers.vertx(), CLIENT);
        PemTrustOptions authority =
                new PemTrustOptions().addCertPath(servers.authorityFile().toString());
        http = servers.vertx()
                .createHttpClient(new HttpClientOptions()
                        .setSsl(true)
                        .setTrustOptions(authority)
                        .setKeepAlive(false));
        webSockets = servers.vertx()
                .createWebSocketClient(new WebSocketClientOptions().setSsl(true).setTrustOptions(authority));
        balancer = start();
    }

    @AfterAll
    void stop() throws Exception {
        if (balancer != null) {
            balancer.close();
        }
        if (servers != null) {
            servers.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamPassesAndBelongsToItsClient(boolean tcpMode) throws Exception {
        String app = unique("app");
        try (Stream stream = open(tcpMode ? balancer.tcpPort : balancer.httpPort, "/apps/" + app + "/stream")) {
            stream.awaitLine(app);
            String event = servers.event("/apps/" + app + "/stream");
            if (tcpMode) {
                assertThat(event).contains(" cs2= ").containsPattern(" src=127\\.0\\.0\\.77 spt=\\d+ ");
            } else {
                assertThat(event).containsPattern(" cs2=[0-9a-f-]{32,36} ").contains(" src=127.0.0.77 spt= ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatClientsSayAboutThemselvesIsNotBelieved(boolean tcpMode) throws Exception {
        String app = unique("app");
        int status = get(
                tcpMode ? balancer.tcpPort : balancer.httpPort,
                "/apps/" + app + "/recentlogs",
                Map.of("X-Forwarded-For", "6.6.6.6", "X-Forwarded-Proto", "http", "Forwarded", "for=6.6.6.6"));
        assertThat(status).isEqualTo(200);
        assertThat(servers.event("/apps/" + app + "/recentlogs")).contains(" src=127.0.0.77 ");
    }

    @Test
    void aTrafficControllerBelievesNobodyElse() throws Exception {
        String app = unique("app");
        int status = within(http.request(
                                HttpMethod.GET,
                                elsewhere.to(BalancedServers.host(0), servers.port()),
                                "127.0.0.1",
                                "/apps/" + app + "/recentlogs")
                        .compose(request ->
                                request.putHeader("X-Forwarded-For", "6.6.6.6").send()))
                .statusCode();
        assertThat(status).isEqualTo(200);
        assertThat(servers.event("/apps/" + app + "/recentlogs")).containsPattern(" src=127\\.0\\.0\\.77 spt=\\d+ ");
    }

    @Test
    void aRequestIdOfThePlatformIsKept() throws Exception {
        String app = unique("app");
        get(balancer.httpPort, "/apps/" + app + "/recentlogs", Map.of("X-Vcap-Request-ID", "of-the-platform"));
        assertThat(servers.event("/apps/" + app + "/recentlogs")).contains(" cs2=of-the-platform ");
    }

    @Test
    void aHostWithARouteServiceHasNoWebSockets() throws Exception {
        String app = unique("app");
        for (String host : List.of(ROUTE_SERVICE_HOST, ROUTE_SERVICE_HOST + ":443", "SHOP.apps.example.com")) {
            Future<WebSocket> refused = connect(balancer.httpPort, "/apps/" + app + "/stream", Map.of("Host", host));
            UpgradeRejectedException rejection =
                    catchThrowableOfType(UpgradeRejectedException.class, () -> within(refused));
            assertThat(rejection.getStatus()).isEqualTo(503);
            assertThat(rejection.getHeaders().get("X-Cf-Routererror")).isEqualTo("route_service_unsupported");
        }
        assertThat(get(balancer.httpPort, "/apps/" + app + "/recentlogs", Map.of("Host", ROUTE_SERVICE_HOST)))
                .isEqualTo(200);
        within(connect(balancer.httpPort, "/apps/" + app + "/stream", Map.of("Host", "other.example.com")))
                .close();
    }

    @Test
    void streamsGoWhereTheFewestAre() throws Exception {
        String app = unique("app");
        Map<String, Stream> streams = new HashMap<>();
        try {
            for (int i = 0; i < 6; i++) {
                openAs(app + "-" + i, streams);
            }
            List<String> ofFirst = streams.keySet().stream()
                    .filter(path -> !servers.events(0, path).isEmpty())
                    .toList();
            int ofSecond = 6 - ofFirst.size();
            assertThat(ofFirst).hasSizeBetween(1, 5);
            for (String path : ofFirst) {
                streams.remove(path).close();
                // A load balancer logs a stream when it has ended.
                await().atMost(LIMIT).until(() -> balancer.said().contains(path));
            }
            // By turns, half of them would go to the second.
            for (int i = 0; i < ofSecond; i++) {
                openAs(app + "-again-" + i, streams);
            }
            assertThat(servers.events(0, app + "-again")).hasSize(ofSecond);
        } finally {
            streams.values().forEach(Stream::close);
        }
    }

    private void openAs(String name, Map<String, Stream> streams) throws Exception {
        String path = "/apps/" + name + "/stream";
        streams.put(path, open(balancer.httpPort, path));
        servers.event(path);
    }

    @Test
    void longHeadersPass() throws Exception {
        Map<String, String> headers = Map.of("Authorization", "bearer " + "x".repeat(24 * 1024));
        assertThat(get(balancer.httpPort, "/apps/" + unique("app") + "/recentlogs", headers))
                .isEqualTo(200);
    }

    @Test
    void aSlowRequestIsCutOff() throws Exception {
        try (Socket socket = anyTls().createSocket("127.0.0.1", balancer.httpPort)) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] answer;
            try {
                answer = in.readAllBytes();
            } catch (SocketException e) {
                answer = new byte[0];
            }
            assertThat(new String(answer, StandardCharsets.US_ASCII)).matches("(?s)|HTTP/1.1 408 .*");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1", "-tls1_1"})
    void oldTlsIsRefused(String version) throws Exception {
        for (int port : List.of(balancer.httpPort, balancer.tcpPort)) {
            assertThat(handshake(port, version)).isFalse();
            assertThat(handshake(port, "-tls1_2")).isTrue();
            assertThat(handshake(port, "-tls1_3")).isTrue();
        }
    }

    private static boolean handshake(int port, String version) throws Exception {
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "s_client",
                        "-connect",
                        "127.0.0.1:" + port,
                        version,
                        "-cipher",
                        "DEFAULT:@SECLEVEL=0",
                        "-brief")
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return said.contains("CONNECTION ESTABLISHED");
    }

    @Test
    void streamsSurviveAReload() throws Exception {
        String app = unique("app");
        try (Stream http = open(balancer.httpPort, "/apps/" + app + "/stream");
                Stream tcp = open(balancer.tcpPort, "/apps/" + app + "/stream")) {
            http.awaitLine(app);
            tcp.awaitLine(app);
            balancer.reload();
            int before = http.count();
            int beforeTcp = tcp.count();
            http.awaitMore(app, before);
            tcp.awaitMore(app, beforeTcp);
            assertThat(http.closed()).isFalse();
            assertThat(tcp.closed()).isFalse();
        }
        assertThat(get(balancer.httpPort, "/apps/" + app + "/recentlogs", Map.of()))
                .isEqualTo(200);
    }

    static String unique(String name) {
        return name + "-" + NAMES.incrementAndGet();
    }

    int get(int port, String path, Map<String, String> headers) throws Exception {
        return within(http.request(HttpMethod.GET, elsewhere.to("127.0.0.1", port), "127.0.0.1", path)
                        .compose(request -> {
                            headers.forEach(request::putHeader);
                            return request.send();
                        }))
                .statusCode();
    }

    Future<WebSocket> connect(int port, String path, Map<String, String> headers) throws TimeoutException {
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(elsewhere.to("127.0.0.1", port))
                .setURI(path);
        headers.forEach(options::addHeader);
        return webSockets.connect(options);
    }

    Stream open(int port, String path) throws Exception {
        Stream stream = new Stream();
        stream.socket = within(connect(port, path, Map.of()).onSuccess(socket -> {
            socket.binaryMessageHandler(message -> stream.messages.incrementAndGet());
        }));
        return stream;
    }

    /** Trusts anybody: what is asked is how long the other end waits. */
    private static SSLSocketFactory anyTls() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        return context.getSocketFactory();
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** A client's stream of an app. */
    final class Stream implements AutoCloseable {
        private final AtomicInteger messages = new AtomicInteger();
        private WebSocket socket;

        int count() {
            return messages.get();
        }

        boolean closed() {
            return socket.isClosed();
        }

        /** Sends lines of the app until one arrives. */
        void awaitLine(String app) throws IOException {
            awaitMore(app, 0);
        }

        void awaitMore(String app, int than) throws IOException {
            try (Agent agent = servers.agent()) {
                await().atMost(LIMIT).until(() -> {
                    agent.send(Envelopes.log(app, "line"));
                    return messages.get() > than;
                });
                agent.finish();
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
