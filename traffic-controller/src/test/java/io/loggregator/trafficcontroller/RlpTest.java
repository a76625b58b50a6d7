package io.loggregator.trafficcontroller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.edge.RawClient;
import io.loggregator.trafficcontroller.gateway.SseClient;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Traffic Controller that serves nothing but v2, and the settings that it takes. */
class RlpTest {
    @TempDir
    Path directory;

    /** In plain text, for everybody, linked to the Doppler. */
    private static TrafficController start(Vertx vertx, FakeDoppler doppler, Map<String, String> more)
            throws Exception {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("LOGGREGATOR_INSECURE", "true");
        settings.put("RLP_DISABLE_ACCESS_CONTROL", "true");
        settings.put("RLP_HOST", "127.0.0.1");
        settings.put("RLP_PORT", "0");
        settings.put("GATEWAY_ADDR", "127.0.0.1:0");
        settings.put("DOPPLER_LINK_ADDRS", doppler.address());
        return TrafficController.startRlp(vertx, 1, load(settings), new Metrics(), new Readiness());
    }

    private static ManagedChannel channel(TrafficController rlp) {
        return NettyChannelBuilder.forAddress("127.0.0.1", rlp.rlpPort())
                .usePlaintext()
                .build();
    }

    @Test
    void itServesReadersOfV2AndTellsOfItselfAsAReverseLogProxy() throws Exception {
        Vertx vertx = Vertx.vertx();
        FakeDoppler doppler = FakeDoppler.start(vertx, "first run").takingEnvelopes();
        TrafficController rlp = start(
                vertx, doppler, Map.of("RLP_METRIC_EMITTER_INTERVAL", "20ms", "RLP_METRIC_SOURCE_ID", "rlp-of-ours"));
        ManagedChannel channel = channel(rlp);
        try (SseClient sse = new SseClient(new RawClient(rlp.gatewayPort()), "?log&shard_id=sse")) {
            assertThat(rlp.port()).as("no Loggregator port").isZero();
            EgressClient.batched(channel, EgressFixture.logs("grpc"));
            doppler.deliver(doppler.member("grpc"), 1, Envelopes.logs("app", "x", 0, 5));
            doppler.deliver(doppler.member("sse"), 1, Envelopes.logs("app", "x", 0, 3));
            assertThat(sse.line()).startsWith("data: ");

            await().until(() -> delta(doppler, "egress") == 8);
            await().until(() -> own(doppler)
                    .anyMatch(own -> own.getGauge().containsMetrics("subscriptions")
                            && own.getGauge().getMetricsOrThrow("subscriptions").getValue() == 2));
            assertThat(delta(doppler, "ingress")).isEqualTo(8);
            assertThat(own(doppler))
                    .allMatch(own -> own.getSourceId().equals("rlp-of-ours")
                            && own.getTagsOrThrow("origin").equals("loggregator.rlp"));
        } finally {
            channel.shutdownNow();
            rlp.stop().await();
            doppler.close();
            vertx.close().await();
        }
    }

    @Test
    void itHasTheLimitsOnWhatReadersTakeAndAskFor() throws Exception {
        Vertx vertx = Vertx.vertx();
        FakeDoppler doppler = FakeDoppler.start(vertx, "first run");
        TrafficController rlp = start(
                vertx,
                doppler,
                Map.of("STREAM_START_TIMEOUT", "100ms", "FILTER_PATTERN_LENGTH", "16", "FILTER_VALUES", "1"));
        ManagedChannel channel = channel(rlp);
        try {
            assertThat(EgressClient.waiting(channel).status().getDescription()).isEqualTo("no request within 100 ms");
            assertThat(refusal(rlp, "instance=0&instance=1")).contains("instance: at most 1 different values");
            assertThat(refusal(rlp, "grep=" + "a".repeat(17))).contains("grep: at most 16 characters");
        } finally {
            channel.shutdownNow();
            rlp.stop().await();
            doppler.close();
            vertx.close().await();
        }
    }

    private static String refusal(TrafficController rlp, String filter) throws Exception {
        try (RawClient client = new RawClient(rlp.gatewayPort())) {
            client.send("GET /v2/read?log&" + filter + " HTTP/1.1\r\nHost: x\r\n\r\n");
            RawClient.Answer answer = client.read(false);
            assertThat(answer.status()).isEqualTo(400);
            return answer.body();
        }
    }

    private static Stream<Envelope> own(FakeDoppler doppler) {
        return doppler.linked().envelopes().stream();
    }

    private static long delta(FakeDoppler doppler, String counter) {
        return own(doppler)
                .filter(own -> own.getCounter().getName().equals(counter))
                .mapToLong(own -> own.getCounter().getDelta())
                .sum();
    }

    // ---- settings ------------------------------------------------------------------------------------------------

    @Test
    void portsAndLimitsAreThoseOfTheGoRelease() throws Exception {
        Settings settings = load(Map.of(
                        "LOGGREGATOR_INSECURE", "true",
                        "RLP_DISABLE_ACCESS_CONTROL", "true",
                        "ROUTER_ADDRS", "127.0.0.1:8082",
                        "AGENT_ADDR", "127.0.0.1:3458",
                        "SKIP_CERT_VERIFY", "true"))
                .standingIn(TrafficControllerSettings.ALL, RlpSettings.ALIASES);
        assertThat(settings.get(TrafficControllerSettings.RLP_PORT)).isEqualTo(8082);
        assertThat(settings.get(TrafficControllerSettings.GATEWAY_ADDR)).hasToString("0.0.0.0:8088");
        assertThat(settings.get(TrafficControllerSettings.MAX_EGRESS_STREAMS)).isEqualTo(500);
        assertThat(settings.get(TrafficControllerSettings.RLP_METRIC_SOURCE_ID)).isEqualTo("reverse_log_proxy");
        assertThat(settings.get(TrafficControllerSettings.RLP_METRIC_EMITTER_INTERVAL))
                .hasMinutes(1);
        assertThat(settings.get(TrafficControllerSettings.AGENT_GRPC_ADDRESS)).hasToString("127.0.0.1:3458");
    }

    @Test
    void mutualTlsIsRequired() {
        assertThat(problems(Map.of("ROUTER_ADDRS", "127.0.0.1:8082")))
                .hasSize(1)
                .first()
                .asString()
                .contains("RLP_CERT_FILE", "mutual TLS is required");
    }

    @Test
    void oneCertificateIsEnoughAndWithoutTheGatewaysThereIsNone() throws Exception {
        Settings settings = load(secure(Map.of()));
        assertThat(settings.warnings())
                .anyMatch(warning -> warning.equals("there is no gateway port: HTTP_CERT_PATH is not set"));
        Settings view = settings.standingIn(TrafficControllerSettings.ALL, RlpSettings.ALIASES);
        assertThat(Endpoints.ofRlp(view)).isEqualTo(new Endpoints(false, false));
    }

    @Test
    void aGatewayNeedsAnAuthority() throws Exception {
        String file = file();
        Map<String, String> gateway = Map.of("HTTP_CERT_PATH", file, "HTTP_KEY_PATH", file);
        assertThat(problems(secure(gateway)))
                .hasSize(1)
                .first()
                .asString()
                .contains("RLP_DISABLE_ACCESS_CONTROL", "LOG_ADMIN_ADDR and LOG_ACCESS_ADDR", "JWT_KEY_FILE");

        Map<String, String> asInTheGoRelease = new HashMap<>(gateway);
        asInTheGoRelease.putAll(Map.of(
                "LOG_ADMIN_ADDR", "https://uaa.test:8443",
                "LOG_ADMIN_CLIENT_ID", "doppler",
                "LOG_ADMIN_CLIENT_SECRET", "secret",
                "LOG_ADMIN_CA_PATH", file,
                "LOG_ACCESS_ADDR", "https://cc.test:9023",
                "LOG_ACCESS_CERT_PATH", file,
                "LOG_ACCESS_KEY_PATH", file,
                "LOG_ACCESS_CA_PATH", file,
                "LOG_ACCESS_COMMON_NAME", "cloud-controller-ng"));
        Settings view = load(secure(asInTheGoRelease)).standingIn(TrafficControllerSettings.ALL, RlpSettings.ALIASES);
        assertThat(Endpoints.ofRlp(view)).isEqualTo(new Endpoints(false, true));
    }

    @Test
    void theServicesAddressNeedsTheOtherThatIsAskedFirst() throws Exception {
        String file = file();
        assertThat(problems(secure(Map.of(
                        "HTTP_CERT_PATH", file,
                        "HTTP_KEY_PATH", file,
                        "JWT_KEY_FILE", file,
                        "LOG_ACCESS_ADDR_EXTERNAL", "https://api.test"))))
                .hasSize(1)
                .first()
                .asString()
                .contains("LOG_ACCESS_ADDR");
    }

    private Map<String, String> secure(Map<String, String> more) throws Exception {
        String file = file();
        Map<String, String> settings = new HashMap<>(Map.of(
                "RLP_CERT_FILE", file,
                "RLP_KEY_FILE", file,
                "RLP_CA_FILE", file,
                "DOPPLER_LINK_ADDRS", "127.0.0.1:8083"));
        settings.putAll(more);
        return settings;
    }

    /** One that can be read; what is in it is looked at later. */
    private String file() throws Exception {
        Path file = directory.resolve("file");
        return (Files.exists(file) ? file : Files.createFile(file)).toString();
    }

    private static List<?> problems(Map<String, String> settings) {
        return catchThrowableOfType(InvalidSettings.class, () -> load(settings)).problems();
    }

    private static Settings load(Map<String, String> settings) throws InvalidSettings {
        return Settings.load(RlpSettings.ALL, settings, null, RlpSettings::rules);
    }
}
