package io.loggregator.nozzles.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import io.loggregator.nozzles.runner.Destination;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class PrometheusNozzleTest {
    private static final String APP = "11111111-2222-3333-4444-555555555555";

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
    private final PrometheusNozzle program = new PrometheusNozzle();
    private LoggregatorEndpoint endpoint;
    private ScriptedStream firehose;
    private Destination page;
    private Nozzle nozzle;
    private int sent;

    @BeforeEach
    void startTheEndpoint() {
        endpoint = LoggregatorEndpoint.start();
        firehose = endpoint.firehose("prometheus-test");
    }

    @AfterEach
    void stopAll() {
        nozzle.close();
        page.close();
        endpoint.close();
    }

    @Test
    void aRealPrometheusScrapesCountersGaugesAndRequests() throws Exception {
        run(Map.of());
        send(counter(7), gauge("cpu", 12.5), request(30_000_000, "200"));
        try (Prometheus prometheus = new Prometheus(directory, ((MetricsPage) page).port())) {
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> assertThat(prometheus.query(
                                    "firehose_counter_event_gorouter_total_requests_total{job=\"router\"}"))
                            .contains("\"7\"", "\"bosh_job_name\":\"router\""));
            assertThat(prometheus.query("firehose_container_metric_cpu_percentage"))
                    .contains("\"12.5\"", APP);
            assertThat(prometheus.query("firehose_http_duration_seconds_bucket{le=\"0.05\"}"))
                    .contains("\"1\"", "\"status_code\":\"200\"");
            assertThat(prometheus.query("firehose_http_duration_seconds_bucket{le=\"0.025\"}"))
                    .contains("\"0\"");
        }
    }

    @Test
    void valuesAreTheLatestAndCountersWithoutATotalAreSummed() throws Exception {
        run(Map.of("PROMETHEUS_ENVIRONMENT", "blue", "PROMETHEUS_NAMESPACE", "cf"));
        send(counter(7), counter(9), gauge("cpu", 1), gauge("cpu", 2));
        send(delta(2), delta(3));
        assertThat(scrape())
                .contains("# TYPE cf_counter_event_gorouter_total_requests_total counter\n")
                .contains(
                        "cf_counter_event_gorouter_total_requests_total{bosh_job_name=\"router\",environment=\"blue\","
                                + "instance_id=\"0\",job=\"router\",origin=\"gorouter\",source_id=\"router\"} 9.0\n")
                .contains("cf_container_metric_cpu_percentage{environment=\"blue\",instance_id=\"0\",source_id=\"" + APP
                        + "\",unit=\"percentage\"} 2.0\n")
                .contains("cf_counter_event_my_count_total{environment=\"blue\",source_id=\"s\"} 5.0\n");
    }

    @Test
    void namesAreWordsAndLabelsAreAllowedOnes() throws Exception {
        run(Map.of());
        send(Envelope.newBuilder()
                .setSourceId("s")
                .putTags("origin", "DopplerServer")
                .putTags("a-b", "quote\" slash\\ line\n")
                .putTags("1st", "x")
                .putTags("__name__", "stolen")
                .putTags("日本", "stolen")
                .putTags("-_x", "stolen")
                .putTags("..x", "stolen")
                .putTags("le", "stolen")
                .setGauge(Gauge.newBuilder()
                        .putMetrics("memoryStats.numBytesAllocatedHTTP2", value(1, ""))
                        .putMetrics("queue_total", value(3, "")))
                .build());
        assertThat(scrape())
                .contains(
                        "firehose_value_metric_doppler_server_memory_stats_num_bytes_allocated_http_2{"
                                + "_1st=\"x\",a_b=\"quote\\\" slash\\\\ line\\n\",origin=\"DopplerServer\",source_id=\"s\"} 1.0\n")
                .contains("firehose_value_metric_doppler_server_queue")
                .doesNotContain("stolen");
    }

    @Test
    void whatIsOverTheLimitIsCountedAndRequestsAreToldApartByFewTags() throws Exception {
        run(Map.of("PROMETHEUS_SERIES_LIMIT", "100", "PROMETHEUS_HTTP_TAGS", "status_code"));
        send(request(1_000_000, "200"), request(2_000_000, "404"), request(70_000_000_000L, "200"));
        for (int i = 0; i < 150; i++) {
            send(gauge("metric" + (char) ('a' + i / 26) + (char) ('a' + i % 26), i));
        }
        assertThat(scrape())
                .contains("firehose_nozzle_series 100.0\n", "firehose_nozzle_series_refused_total 80.0\n")
                .contains("firehose_http_total{status_code=\"200\"} 2.0\n")
                .contains("firehose_http_duration_seconds_bucket{status_code=\"200\",le=\"10.0\"} 1\n")
                .contains("firehose_http_duration_seconds_bucket{status_code=\"200\",le=\"+Inf\"} 2\n")
                .contains("firehose_http_duration_seconds_count{status_code=\"404\"} 1\n");
    }

    @Test
    void aRequestIsCountedOnceHoweverOftenTheRouterTellsOfIt() throws Exception {
        run(Map.of());
        Envelope told = request(1_000_000, "200");
        send(
                told,
                told.toBuilder().putTags("peer_type", "Client").build(),
                told.toBuilder().setSourceId(APP).removeTags("app_id").build());
        assertThat(scrape())
                .contains("firehose_http_total{app_id=\"my-app\",application_id=\"my-app\",status_code=\"200\"} 1.0\n");
    }

    @Test
    void aGapIsCounted() throws Exception {
        run(Map.of());
        firehose.gap(12);
        send(counter(1));
        assertThat(scrape()).contains("firehose_nozzle_lost_envelopes_total 12.0\n");
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws Exception {
        run(Map.of());
        URI root = URI.create("http://127.0.0.1:" + ((MetricsPage) page).port());
        assertThat(http.send(HttpRequest.newBuilder(root.resolve("/x")).build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(404);
        assertThat(http.send(
                                HttpRequest.newBuilder(root.resolve("/metrics"))
                                        .DELETE()
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(405);
    }

    private void run(Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("PROMETHEUS_LISTEN_ADDR", "127.0.0.1:0");
        Settings settings = Settings.load(program.settings(), environment, null, program::rules);
        page = program.open(settings);
        nozzle = Nozzle.builder()
                .endpoint(endpoint.uri())
                .firehose("prometheus-test")
                .selectors(program.selectors(settings).toArray(Selector[]::new))
                .handler(page)
                .build();
        nozzle.start();
    }

    private void send(Envelope... envelopes) {
        sent += envelopes.length;
        firehose.send(envelopes).awaitAcknowledged(sent);
    }

    private String scrape() throws IOException, InterruptedException {
        return get(((MetricsPage) page).port(), "/metrics");
    }

    private String get(int port, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    private static Envelope counter(long total) {
        return Envelope.newBuilder()
                .setSourceId("router")
                .setInstanceId("0")
                .putTags("origin", "gorouter")
                .putTags("job", "router")
                .setCounter(Counter.newBuilder()
                        .setName("total_requests")
                        .setDelta(1)
                        .setTotal(total))
                .build();
    }

    private static Envelope delta(long delta) {
        return Envelope.newBuilder()
                .setSourceId("s")
                .setCounter(Counter.newBuilder().setName("myCount").setDelta(delta))
                .build();
    }

    private static Envelope gauge(String name, double value) {
        return Envelope.newBuilder()
                .setSourceId(APP)
                .setInstanceId("0")
                .setGauge(Gauge.newBuilder().putMetrics(name, value(value, "percentage")))
                .build();
    }

    private static GaugeValue value(double value, String unit) {
        return GaugeValue.newBuilder().setValue(value).setUnit(unit).build();
    }

    private static Envelope request(long nanos, String status) {
        return Envelope.newBuilder()
                .setSourceId("gorouter")
                .putTags("app_id", "my-app")
                .putTags("peer_type", "Server")
                .putTags("status_code", status)
                .setTimer(Timer.newBuilder().setName("http").setStart(1_000).setStop(1_000 + nanos))
                .build();
    }
}
