package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A Traffic Controller with 192 MiB of heap, and as much beside it, whose clients ask for all they can and read nothing: it
 * goes on, its links stay, and whoever reads is served.
 */
@Tag("system")
@Timeout(180)
class SmallHeapControllerTest {
    /** Of an app, all kept: 6 MB of recent logs, so that the answers of all clients are more than the heap. */
    private static final int LINES = 100;

    private static final String LONG_LINE = "x".repeat(60_000);
    private static final String RECENT = "/apps/loud/recentlogs";
    /** Clients that read their recent logs and stay connected, and as many that read nothing. */
    private static final int DUMPS = 50;

    private static final int TAILS = 40;
    private static final int READERS = 60;
    private static final int READERS_LINES = 30;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Socket> clients = new ArrayList<>();
    private final List<HttpClient> readers = new ArrayList<>();

    @AfterEach
    void disconnect() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void aTrafficControllerIsNotBroughtDownByClientsThatReadNothing() throws Exception {
        try (ServerProcess doppler = ServerProcess.start("doppler", ofDoppler());
                ServerProcess controller =
                        ServerProcess.start("traffic-controller", ofTrafficController(doppler.boundPort("link")));
                Agent agent = new Agent(doppler.boundPort("grpc"), null)) {
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> controller.get(http, "/ready").statusCode() == 200);
            long links = samples(controller).sum("doppler_links");
            int port = controller.boundPort("ws");
            int gateway = controller.boundPort("http");

            for (int i = 0; i < TAILS; i++) {
                ask(
                        port,
                        "GET /apps/loud/stream HTTP/1.1",
                        "Connection: Upgrade",
                        "Upgrade: websocket",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==");
            }
            for (int i = 0; i < READERS; i++) {
                ask(gateway, "GET /v2/read?log&source_id=read-" + i + " HTTP/1.1");
            }
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> samples(controller).sum("doppler_proxy_app_streams") == TAILS
                            && samples(controller).sum("gateway_streams") == READERS);
            for (int i = 0; i < LINES; i++) {
                agent.send(Envelopes.log("loud", LONG_LINE));
            }
            awaitIngress(doppler, LINES);

            for (int i = 0; i < DUMPS; i++) {
                read(port);
            }
            for (int i = 0; i < DUMPS; i++) {
                ask(port, "GET " + RECENT + " HTTP/1.1");
            }
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> samples(controller).sum("edge_refused_total", Map.of("reason", "unanswered")) > 0);

            for (int i = 0; i < READERS * READERS_LINES; i++) {
                agent.send(Envelopes.log("read-" + i % READERS, LONG_LINE));
            }
            awaitIngress(doppler, LINES + READERS * READERS_LINES);

            try (Nozzle reading = Nozzle.open(http, URI.create("ws://127.0.0.1:" + port + "/apps/bystander/stream"))) {
                Cluster.probe("bystander", List.of(agent), List.of(reading));
            }
            Samples now = samples(controller);
            assertThat(controller.get(http, "/health").statusCode()).isEqualTo(200);
            assertThat(now.sum("doppler_links")).isEqualTo(links);
            assertThat(now.sum("log_router_disconnects_total")).isZero();
            assertThat(now.sum("doppler_proxy_app_streams")).isGreaterThanOrEqualTo(TAILS);
            assertThat(now.sum("gateway_streams")).isEqualTo(READERS);
            assertThat(controller.said()).doesNotContain("OutOfMemory", "OutOfDirectMemory");
        }
    }

    private static Map<String, String> ofDoppler() {
        Map<String, String> settings = ServerProcessTest.ofDoppler();
        settings.put("ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        return settings;
    }

    private static Map<String, String> ofTrafficController(int linkPort) {
        Map<String, String> settings = ServerProcessTest.ofTrafficController(linkPort);
        // Nobody is cut off before the end.
        settings.put("SLOW_CONSUMER_TIMEOUT", "10m");
        return settings;
    }

    private Samples samples(ServerProcess server) {
        return new Samples(List.of(server.metrics(http)));
    }

    private void awaitIngress(ServerProcess doppler, long envelopes) {
        await().atMost(60, TimeUnit.SECONDS).until(() -> samples(doppler).sum("ingress_total") >= envelopes);
    }

    /** Asks on a connection of its own, with little room for what nobody reads. */
    private Socket ask(int port, String... lines) throws IOException {
        Socket socket = new Socket();
        clients.add(socket);
        socket.setReceiveBufferSize(16 * 1024);
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        String request = String.join("\r\n", lines) + "\r\nHost: x\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** Reads an answer to its end, on a connection that stays for the next request. */
    private void read(int port) throws Exception {
        HttpClient reader = HttpClient.newHttpClient();
        readers.add(reader);
        HttpRequest recent = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + RECENT))
                .timeout(Duration.ofSeconds(20))
                .build();
        assertThat(reader.send(recent, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }
}
