package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a server's process begins and ends. Nothing but the settings is in its environment, not even a PATH. */
@Tag("system")
@Timeout(120)
class ServerProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int CONFIG = 78;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<ServerProcess> processes = new ArrayList<>();

    @AfterEach
    void killAll() {
        processes.forEach(ServerProcess::close);
    }

    private ServerProcess start(String role, Map<String, String> settings) throws IOException {
        ServerProcess process = ServerProcess.start(role, settings);
        processes.add(process);
        return process;
    }

    static Map<String, String> ofDoppler() {
        return new HashMap<>(Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "DOPPLER_HEALTH_PORT", "0"));
    }

    static Map<String, String> ofTrafficController(int linkPort) {
        return new HashMap<>(Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true",
                "TRAFFIC_CONTROLLER_HOST", "127.0.0.1",
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0",
                "GATEWAY_ADDR", "127.0.0.1:0",
                "RLP_PORT", "0",
                "TRAFFIC_CONTROLLER_HEALTH_PORT", "0",
                "DOPPLER_LINK_ADDRS", "127.0.0.1:" + linkPort));
    }

    private Nozzle client(ServerProcess trafficController, String path) {
        return Nozzle.open(http, URI.create("ws://127.0.0.1:" + trafficController.boundPort("ws") + path));
    }

    private void awaitReady(ServerProcess process) {
        await().atMost(LIMIT).until(() -> process.get(http, "/ready").statusCode() == 200);
    }

    @Test
    void startsSoonSaysLoudlyThatItIsOpenAndStopsInOrder() throws IOException {
        ServerProcess doppler = start("doppler", ofDoppler());
        int ingress = doppler.boundPort("grpc");
        ServerProcess trafficController = start("traffic-controller", ofTrafficController(doppler.boundPort("link")));
        trafficController.boundPort("pprof");
        doppler.boundPort("pprof");
        assertThat(doppler.timeToBind()).isLessThan(Duration.ofSeconds(10));
        assertThat(trafficController.timeToBind()).isLessThan(Duration.ofSeconds(10));
        assertThat(doppler.lines(line -> line.contains(" bound to: ")))
                .extracting(line -> line.replaceAll("[1-9][0-9]*$", "PORT"))
                .containsExactly(
                        "grpc bound to: 127.0.0.1:PORT",
                        "link bound to: 127.0.0.1:PORT",
                        "pprof bound to: 127.0.0.1:PORT");
        assertThat(trafficController.lines(line -> line.contains(" bound to: ")))
                .extracting(line -> line.replaceAll("[1-9][0-9]*$", "PORT"))
                .containsExactly(
                        "ws bound to: 127.0.0.1:PORT",
                        "grpc bound to: 127.0.0.1:PORT",
                        "http bound to: 127.0.0.1:PORT",
                        "pprof bound to: 127.0.0.1:PORT");
        assertThat(doppler.lines(line -> line.contains("WARN")))
                .singleElement()
                .asString()
                .contains("ingress and link are PLAIN TEXT");
        assertThat(trafficController.said())
                .contains("WARN")
                .contains(
                        "PLAIN TEXT, open to anyone who reaches it: the Loggregator port, the gateway port, the links")
                .contains("EVERYBODY may read everything");
        awaitReady(trafficController);

        Nozzle firehose = client(trafficController, "/firehose/stopping");
        Nozzle stream = client(trafficController, "/apps/stopping/stream");
        try (Agent agent = new Agent(ingress, null)) {
            Cluster.probe("stopping", List.of(agent), List.of(firehose, stream));
        }
        trafficController.terminate();
        assertThat(List.of(firehose.end(), stream.end())).allSatisfy(end -> {
            assertThat(end.code()).isEqualTo(1001);
            assertThat(end.reason()).isNotBlank();
        });
        assertThat(trafficController.exitCode()).as(trafficController.said()).isZero();
        doppler.terminate();
        assertThat(doppler.exitCode()).as(doppler.said()).isZero();
    }

    @Test
    void tellsInTheGoReleasesWordsThatItHasStartedWhenItHas() throws IOException {
        ServerProcess doppler = start("doppler", ofDoppler());
        await().atMost(LIMIT).until(() -> doppler.said().contains("Startup: router server started."));
        for (String port : List.of("grpc", "link")) {
            new Socket(InetAddress.getLoopbackAddress(), doppler.boundPort(port)).close();
        }
        int router = doppler.boundPort("grpc");
        assertThat(doppler.lines(line -> line.startsWith("Startup: ") || line.endsWith(":" + router)))
                .containsExactly(
                        "Startup: Setting up the router server",
                        "grpc bound to: 127.0.0.1:" + router,
                        "Starting gRPC server on 127.0.0.1:" + router,
                        "Startup: router server started.");

        ServerProcess trafficController = start("traffic-controller", ofTrafficController(doppler.boundPort("link")));
        trafficController.boundPort("http");
        assertThat(trafficController.lines(line -> line.equals("starting RLP gateway")))
                .hasSize(1);
    }

    @Test
    void aDopplerHandsOverEverythingBeforeItStops() throws IOException {
        ServerProcess doppler = start("doppler", ofDoppler());
        ServerProcess trafficController = start("traffic-controller", ofTrafficController(doppler.boundPort("link")));
        awaitReady(trafficController);
        Nozzle firehose = client(trafficController, "/firehose/last-lines");
        int count = 20_000;
        try (Agent agent = new Agent(doppler.boundPort("grpc"), null)) {
            Cluster.probe("probes", List.of(agent), List.of(firehose));
            for (int i = 0; i < count; i += 100) {
                agent.send(Envelopes.lines("last", i, i + 100));
            }
            agent.finish();
            doppler.terminate();
            assertThat(doppler.exitCode()).as(doppler.said()).isZero();
        }
        await().atMost(LIMIT).until(() -> firehose.linesOf("last").size() >= count);
        assertThat(firehose.linesOf("last"))
                .isEqualTo(IntStream.range(0, count).mapToObj(i -> "last:" + i).toList());
        firehose.close();
    }

    @Test
    void aServerGoesOnServingWhileItsLoadBalancerNotices() throws IOException {
        ServerProcess doppler = start("doppler", ofDoppler());
        Map<String, String> patient = ofTrafficController(doppler.boundPort("link"));
        patient.put("STOP_TIMEOUT", "10m");
        patient.put("STOP_DELAY", "5m");
        ServerProcess trafficController = start("traffic-controller", patient);
        awaitReady(trafficController);

        trafficController.terminate();

        await().atMost(LIMIT).until(() -> trafficController.get(http, "/ready").statusCode() == 503);
        assertThat(trafficController.get(http, "/ready").body()).contains("server: stopping");
        Nozzle late = client(trafficController, "/firehose/late");
        try (Agent agent = new Agent(doppler.boundPort("grpc"), null)) {
            Cluster.probe("probes", List.of(agent), List.of(late));
        }
        late.vanish();
    }

    @Test
    void badSettingsAreAllListedAndTheExitCodeIs78() throws IOException {
        Map<String, String> forDoppler = Map.of(
                "ROUTER_PORT", "99999",
                "LOG_BYTES", "lots",
                "DOPPLER_RECENT_LOGS", "-1",
                "ROUTER_CERT_FILE", "/nonexistent/cert.pem");
        Map<String, String> forTrafficController = Map.of(
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "none",
                "FIREHOSE_GRACE", "30",
                "LOGGREGATOR_INSECURE", "perhaps");
        ServerProcess doppler = start("doppler", forDoppler);
        ServerProcess trafficController = start("traffic-controller", forTrafficController);
        assertThat(doppler.exitCode()).isEqualTo(CONFIG);
        assertThat(trafficController.exitCode()).isEqualTo(CONFIG);
        forDoppler.forEach((setting, value) -> assertThat(doppler.lines(line -> line.contains(setting)))
                .as(setting)
                .anyMatch(line -> line.contains(value)));
        forTrafficController.forEach(
                (setting, value) -> assertThat(trafficController.lines(line -> line.contains(setting)))
                        .as(setting)
                        .anyMatch(line -> line.contains(value)));
        assertThat(trafficController.lines(line -> line.contains("DOPPLER_LINK_ADDRS")))
                .isNotEmpty();
        assertThat(doppler.lines(line -> line.contains(" bound to: "))).isEmpty();
        assertThat(trafficController.lines(line -> line.contains(" bound to: ")))
                .isEmpty();
    }

    @Test
    void aPortInUseIsNamedWithItsSetting() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            Map<String, ServerProcess> bySetting = new LinkedHashMap<>();
            for (String setting : List.of("ROUTER_PORT", "DOPPLER_LINK_PORT", "DOPPLER_HEALTH_PORT")) {
                Map<String, String> settings = ofDoppler();
                settings.put(setting, port);
                bySetting.put(setting, start("doppler", settings));
            }
            for (String setting :
                    List.of("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "TRAFFIC_CONTROLLER_HEALTH_PORT")) {
                Map<String, String> settings = ofTrafficController(1);
                settings.put(setting, port);
                bySetting.put(setting, start("traffic-controller", settings));
            }
            bySetting.forEach((setting, process) -> {
                assertThat(process.exitCode()).as(setting).isEqualTo(CONFIG);
                assertThat(process.lines(line -> line.contains(setting) && line.contains(port)))
                        .as(process.said())
                        .hasSize(1);
                assertThat(process.said()).doesNotContain("started.");
            });
        }
    }
}
