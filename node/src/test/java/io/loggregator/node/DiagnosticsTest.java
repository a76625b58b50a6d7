package io.loggregator.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DiagnosticsTest {
    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final Readiness readiness = new Readiness();
    private final Diagnostics diagnostics = Diagnostics.onLoopback(vertx, 0, metrics, readiness);
    private final HttpClient client = HttpClient.newHttpClient();
    private int port;

    @BeforeEach
    void start() throws Exception {
        port = await(diagnostics.start());
    }

    @AfterEach
    void close() throws Exception {
        await(vertx.close());
    }

    @Test
    void healthIsOkWhileTheProcessServes() throws Exception {
        HttpResponse<String> response = send("GET", "/health");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("ok\n");
    }

    @Test
    void readyGivesTheReasonsWhyNot() throws Exception {
        AtomicReference<Optional<String>> links = new AtomicReference<>(Optional.of("no Doppler"));
        readiness.check("links", links::get);
        HttpResponse<String> response = send("GET", "/ready");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).isEqualTo("links: no Doppler\n");

        links.set(Optional.empty());
        assertThat(send("GET", "/ready").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/ready?x=1").body()).isEqualTo("ready\n");
    }

    @Test
    void metricsAreInThePrometheusFormat() throws Exception {
        metrics.counter("ingress", "Envelopes accepted.").inc(4);
        HttpResponse<String> response = send("GET", "/metrics");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(response.body()).contains("ingress_total 4.0\n", "jvm_");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /, 404",
        "GET, /metrics/, 404",
        "GET, /health/x, 404",
        "GET, /%00, 404",
        "POST, /health, 405",
        "DELETE, /metrics, 405",
        "HEAD, /health, 200",
        "OPTIONS, /ready, 405"
    })
    void everythingElseIsRefused(String method, String path, int status) throws Exception {
        assertThat(send(method, path).statusCode()).isEqualTo(status);
    }

    @Test
    void whatAServerAddsIsAnsweredInJson() throws Exception {
        diagnostics.add(Map.of(
                "/ledger",
                query -> Future.succeededFuture(new JsonObject().put("limit", query.number("limit", 5, 1, 10)))));

        HttpResponse<String> response = send("GET", "/ledger?limit=7");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(response.body()).isEqualTo("{\"limit\":7}");
        assertThat(send("GET", "/ledger").body()).isEqualTo("{\"limit\":5}");
        assertThat(send("POST", "/ledger").statusCode()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "11", "-1", "x", "", "99999999999", "1e1"})
    void aQueryThatIsNotUnderstoodIsToldWhatItMayBe(String limit) throws Exception {
        diagnostics.add(Map.of("/sources", query -> {
            query.number("limit", 5, 1, 10);
            return Future.succeededFuture(new JsonObject());
        }));

        HttpResponse<String> response = send("GET", "/sources?limit=" + limit);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).isEqualTo("limit must be a whole number from 1 to 10\n");
    }

    @Test
    void aWordIsOneOfThoseThatThereAre() throws Exception {
        diagnostics.add(Map.of(
                "/sources",
                query -> Future.succeededFuture(
                        new JsonObject().put("by", query.word("by", List.of("bytes", "lines"))))));

        assertThat(send("GET", "/sources").body()).isEqualTo("{\"by\":\"bytes\"}");
        assertThat(send("GET", "/sources?by=lines").body()).isEqualTo("{\"by\":\"lines\"}");
        assertThat(send("GET", "/sources?by=colour").body()).isEqualTo("by must be one of bytes, lines\n");
    }

    @Test
    void anAnswerThatDoesNotComeIsNotWaitedForWithoutEnd() throws Exception {
        diagnostics.add(Map.of("/ledger", query -> Promise.<JsonObject>promise().future()));

        assertThat(send("GET", "/ledger").statusCode()).isEqualTo(503);
        assertThat(send("GET", "/health").statusCode()).isEqualTo(200);
    }

    @Test
    void aRequestLineOrHeadersBeyondTheLimitsAreRefused() throws Exception {
        assertThat(raw("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .contains(" 414");
        assertThat(raw("GET /health HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(9_000) + "\r\n\r\n"))
                .contains(" 431");
    }

    @Test
    void garbageIsAnsweredOrClosedAndOthersAreServed() throws Exception {
        assertThat(raw("\u0016\u0003\u0001\u0002\u0000\r\n\r\n")).contains(" 400");
        assertThat(send("GET", "/health").statusCode()).isEqualTo(200);
    }

    @Test
    void connectionsBeyondTheLimitAreClosed() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                Socket socket = connect();
                open.add(socket);
                socket.getOutputStream()
                        .write("GET /health HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
            try (Socket oneMore = connect()) {
                assertThat(readToEnd(oneMore)).isEmpty();
            }
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void afterStopThePortIsFree() throws Exception {
        await(diagnostics.stop());
        assertThat(await(startAgain())).isEqualTo(port);
    }

    /** With NIO the port becomes free with the event loop's next turn, a moment after the server says it is closed. */
    private Future<Integer> startAgain() {
        return Diagnostics.onLoopback(vertx, port, metrics, readiness)
                .start()
                .recover(failure -> failure instanceof BindException ? startAgain() : Future.failedFuture(failure));
    }

    @Test
    void aPortInUseIsExplainedByItsSetting() {
        Future<Integer> second =
                Diagnostics.onLoopback(vertx, port, metrics, readiness).start();
        assertThat(second.toCompletionStage().toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS);
        assertThat(PortInUse.explain(
                        second.cause(), Setting.port("HEALTH_PORT", 0, "Health."), new HostPort("127.0.0.1", port)))
                .isEqualTo("HEALTH_PORT: port " + port
                        + " on 127.0.0.1 is in use (set HEALTH_PORT to another port, or to 0 for any free one)");
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            byte[] start = new byte[12];
            int length = socket.getInputStream().readNBytes(start, 0, start.length);
            return new String(start, 0, length, StandardCharsets.ISO_8859_1);
        }
    }

    private static String readToEnd(Socket socket) throws IOException {
        try (InputStream in = socket.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
