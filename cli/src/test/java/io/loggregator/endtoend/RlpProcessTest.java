package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code rlp} as a process, in the environment that a Reverse Log Proxy and its gateway would have. */
@Timeout(120)
class RlpProcessTest {
    private static final int LINES = 500;

    @TempDir
    Path directory;

    private Certificates certificates;
    private ServerProcess doppler;
    private ServerProcess rlp;

    @BeforeEach
    void startDoppler() throws IOException {
        certificates = new Certificates(directory);
        Map<String, String> settings = new HashMap<>(certificates.ofDoppler());
        settings.put("DOPPLER_HOST", "127.0.0.1");
        settings.put("ROUTER_PORT", "0");
        settings.put("DOPPLER_LINK_PORT", "0");
        settings.put("DOPPLER_HEALTH_PORT", "0");
        settings.put("ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        doppler = ServerProcess.start("doppler", settings);
    }

    @AfterEach
    void stop() {
        doppler.close();
        if (rlp != null) {
            rlp.close();
        }
    }

    private void start(Map<String, String> more) throws IOException {
        Map<String, String> settings = new HashMap<>(certificates.ofRlp());
        settings.put("RLP_PORT", "0");
        settings.put("RLP_HEALTH_PORT", "0");
        settings.putAll(more);
        rlp = ServerProcess.start("rlp", settings);
    }

    @Test
    void whatAReverseLogProxyIsToldIsEnough() throws IOException {
        start(Map.of(
                "ROUTER_ADDRS", "127.0.0.1:" + doppler.boundPort("grpc"),
                "RLP_CIPHER_SUITES", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                "RLP_PPROF_PORT", "0",
                "RLP_METRIC_EMITTER_INTERVAL", "1m",
                "RLP_METRIC_SOURCE_ID", "reverse_log_proxy",
                "USE_RFC339", "false",
                "MAX_EGRESS_STREAMS", "1000",
                "AGENT_ADDR", "127.0.0.1:1"));
        try (EgressReader reader = EgressReader.batched(
                        NettyChannelBuilder.forAddress("127.0.0.1", rlp.boundPort("grpc"))
                                .sslContext(certificates.ofAgent())
                                .overrideAuthority("reverselogproxy")
                                .build(),
                        EgressBatchRequest.newBuilder()
                                .setShardId("shard")
                                .addSelectors(Selector.newBuilder().setLog(LogSelector.getDefaultInstance()))
                                .build());
                Agent agent = new Agent(doppler.boundPort("grpc"), certificates.ofAgent())) {
            await().atMost(LIMIT).until(() -> {
                agent.send(Envelopes.log("probe", "probe"));
                return !reader.of("probe").isEmpty();
            });
            agent.send(Envelopes.lines("app", 0, LINES));
            agent.finish();
            await().atMost(LIMIT).until(() -> reader.of("app").size() == LINES);
        }
        assertThat(rlp.lines(line -> line.contains(" bound to: ")))
                .extracting(line -> line.replaceAll("[1-9][0-9]*$", "PORT"))
                .containsExactly("grpc bound to: 0.0.0.0:PORT", "pprof bound to: 127.0.0.1:PORT");
        assertThat(rlp.said())
                .contains("there is no gateway port: HTTP_CERT_PATH is not set")
                .doesNotContain("starting RLP gateway");
        rlp.terminate();
        assertThat(rlp.exitCode()).as(rlp.said()).isZero();
    }

    @Test
    void withWhatItsGatewayIsToldItServesThatTooAndTellsOfItself() throws Exception {
        Map<String, String> settings = new HashMap<>(certificates.ofGateway());
        settings.put("GATEWAY_ADDR", "127.0.0.1:0");
        settings.put("RLP_DISABLE_ACCESS_CONTROL", "true");
        settings.put("LOGS_PROVIDER_ADDR", "127.0.0.1:8082");
        settings.put("DOPPLER_LINK_ADDRS", "127.0.0.1:" + doppler.boundPort("link"));
        settings.put("RLP_METRIC_EMITTER_INTERVAL", "200ms");
        settings.put("RLP_METRIC_SOURCE_ID", "my_rlp");
        start(settings);
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificates.ofClient()).build();
        URI uri = URI.create("https://127.0.0.1:" + rlp.boundPort("http") + "/v2/read?counter&gauge&source_id=my_rlp");

        HttpResponse<InputStream> answer = client.send(
                HttpRequest.newBuilder(uri).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofInputStream());

        assertThat(answer.statusCode()).isEqualTo(200);
        try (BufferedReader body = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            StringBuilder told = new StringBuilder();
            while (!told.toString().contains("\"subscriptions\":{\"unit\":\"total\",\"value\":1")) {
                told.append(body.readLine());
            }
            assertThat(told.toString())
                    .contains("\"origin\":\"loggregator.rlp\"", "\"name\":\"egress\"", "\"name\":\"ingress\"")
                    .doesNotContain("loggregator.trafficcontroller");
        }
        assertThat(rlp.lines(line -> line.startsWith("starting RLP gateway") || line.contains(" bound to: ")))
                .extracting(line -> line.replaceAll("[1-9][0-9]*$", "PORT"))
                .containsExactly(
                        "grpc bound to: 0.0.0.0:PORT",
                        "starting RLP gateway",
                        "http bound to: 127.0.0.1:PORT",
                        "pprof bound to: 127.0.0.1:PORT");
        assertThat(rlp.said()).contains("EVERYBODY may read everything at the gateway port");
    }
}
