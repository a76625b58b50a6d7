package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PfxOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same port with TLS, where clients may speak HTTP/2. */
@Timeout(60)
class EdgeTlsTest {
    private static final String PASSWORD = "changeit";

    @TempDir
    static Path directory;

    private static Edge edge;
    private static HttpClient http2;

    @BeforeAll
    static void serve() throws Exception {
        Path store = directory.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made = new ProcessBuilder(List.of(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString()))
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        HttpServerOptions tls = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(new PfxOptions().setPath(store.toString()).setPassword(PASSWORD));
        edge = new Edge(10, Duration.ZERO, null, tls);
        http2 = edge.vertx.createHttpClient(new HttpClientOptions()
                .setSsl(true)
                .setTrustAll(true)
                .setVerifyHost(false)
                .setUseAlpn(true)
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(edge.verticle.port()));
    }

    @AfterAll
    static void stop() throws Exception {
        edge.close();
    }

    @Test
    void recentLogsComeOverHttp2() throws Exception {
        edge.pipeline.dump = Future.succeededFuture(List.of("one".getBytes(StandardCharsets.UTF_8)));
        Buffer body = Edge.within(http2.request(HttpMethod.GET, "/apps/app/recentlogs")
                .compose(request -> request.send())
                .compose(response -> {
                    assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
                    assertThat(response.statusCode()).isEqualTo(200);
                    return response.body();
                }));
        assertThat(body.toString()).matches("--[0-9a-f]{60}\r\n\r\none\r\n--[0-9a-f]{60}--\r\n");
    }

    @Test
    void streamsNeedHttp1() throws Exception {
        HttpClientResponse response =
                Edge.within(http2.request(HttpMethod.GET, "/firehose/nozzle").compose(request -> request.send()));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.getHeader("Sec-WebSocket-Version")).isEqualTo("13");
    }

    @Test
    void unknownPathsAreNotFoundOverHttp2() throws Exception {
        HttpClientResponse response =
                Edge.within(http2.request(HttpMethod.POST, "/other").compose(request -> request.send("body")));
        assertThat(response.statusCode()).isEqualTo(404);
    }

    @Test
    void aWebSocketIsServedOverTls() throws Exception {
        WebSocketClientOptions options =
                new WebSocketClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false);
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        Future<WebSocket> connected = edge.vertx
                .createWebSocketClient(options)
                .connect(edge.verticle.port(), "127.0.0.1", "/firehose/nozzle?")
                .onSuccess(socket -> socket.binaryMessageHandler(message -> received.add(message.toString())));
        Edge.within(connected);
        assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo("served");
    }
}
