package io.loggregator.nozzles.otlp;

import static io.loggregator.nozzles.otlp.Envelopes.TIME;
import static io.loggregator.nozzles.otlp.Envelopes.batch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;

/** What envelopes become. */
class ExportTest {
    private static final long OBSERVED = 42;
    private static final long LARGEST = 1 << 20;

    private final List<ExportLogsServiceRequest> logs = new ArrayList<>();
    private final List<ExportMetricsServiceRequest> points = new ArrayList<>();
    private long count;

    private void export(long largest, Envelope... envelopes) throws Exception {
        Export export = new Export(
                OBSERVED,
                largest,
                (request, records) -> {
                    logs.add(request);
                    count += records;
                },
                (request, dataPoints) -> {
                    points.add(request);
                    count += dataPoints;
                });
        for (io.loggregator.nozzle.Envelope envelope : batch(envelopes)) {
            assertThat(export.add(envelope)).isTrue();
        }
        export.end();
    }

    private ExportLogsServiceRequest logs(Envelope... envelopes) throws Exception {
        logs.clear();
        export(LARGEST, envelopes);
        assertThat(logs).hasSize(1);
        return logs.get(0);
    }

    private List<LogRecord> records(Envelope... envelopes) throws Exception {
        return Collector.records(logs(envelopes));
    }

    private ExportMetricsServiceRequest points(Envelope... envelopes) throws Exception {
        export(LARGEST, envelopes);
        assertThat(points).hasSize(1);
        return points.get(0);
    }

    private List<Metric> metrics(Envelope... envelopes) throws Exception {
        return metrics(points(envelopes));
    }

    private static List<Metric> metrics(ExportMetricsServiceRequest request) {
        return request.getResourceMetricsList().stream()
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .toList();
    }

    private static Map<String, Object> map(List<KeyValue> attributes) {
        Map<String, Object> map = new HashMap<>();
        for (KeyValue attribute : attributes) {
            AnyValue value = attribute.getValue();
            map.put(attribute.getKey(), value.hasIntValue() ? (Object) value.getIntValue() : value.getStringValue());
        }
        return map;
    }

    @Test
    void aLineIsALogRecordWithItsTimeSeverityAndTags() throws Exception {
        LogRecord record = records(Envelopes.log("app", ByteString.copyFromUtf8("oh no"), Log.Type.ERR))
                .get(0);
        assertThat(record.getBody().getStringValue()).isEqualTo("oh no");
        assertThat(record.getTimeUnixNano()).isEqualTo(TIME);
        assertThat(record.getObservedTimeUnixNano()).isEqualTo(OBSERVED);
        assertThat(record.getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_ERROR);
        assertThat(record.getSeverityText()).isEqualTo("ERR");
        assertThat(map(record.getAttributesList())).isEqualTo(Map.of("source_type", "APP/PROC/WEB"));

        LogRecord other = records(Envelopes.log("app", "fine")).get(0);
        assertThat(other.getSeverityNumber()).isEqualTo(SeverityNumber.SEVERITY_NUMBER_INFO);
    }

    @Test
    void aLineThatIsNoTextIsBytes() throws Exception {
        ByteString bytes = ByteString.copyFrom(new byte[] {(byte) 0xFF, 0, 1});
        assertThat(records(Envelopes.log("app", bytes, Log.Type.OUT)).get(0).getBody())
                .isEqualTo(AnyValue.newBuilder().setBytesValue(bytes).build());
    }

    @Test
    void whatSaysWhoSendsIsTheResourceOfAllThatComesFromThere() throws Exception {
        List<ResourceLogs> resources = logs(
                        Envelopes.log("app-1", "a"), Envelopes.log("app-2", "b"), Envelopes.log("app-1", "c"))
                .getResourceLogsList();
        assertThat(resources).hasSize(2);
        assertThat(map(resources.get(0).getResource().getAttributesList()))
                .isEqualTo(Map.of(
                        "service.name", "shop",
                        "service.instance.id", "3",
                        "cloudfoundry.system.id", "app-1",
                        "cloudfoundry.system.instance.id", "3",
                        "cloudfoundry.app.id", "app-1",
                        "cloudfoundry.app.name", "shop",
                        "cloudfoundry.space.name", "prod"));
        assertThat(resources.get(0).getScopeLogs(0).getLogRecordsList())
                .extracting(record -> record.getBody().getStringValue())
                .containsExactly("a", "c");
    }

    @Test
    void aComponentIsAServiceByItsSourceId() throws Exception {
        ResourceMetrics resource =
                points(Envelopes.counter("gorouter", "requests", 1, 2)).getResourceMetrics(0);
        assertThat(map(resource.getResource().getAttributesList()))
                .containsEntry("service.name", "gorouter")
                .containsEntry("origin", "gorouter")
                .doesNotContainKey("cloudfoundry.app.id");
    }

    @Test
    void anEventIsANamedLogRecord() throws Exception {
        LogRecord record =
                records(Envelopes.event("app", "crash", "out of memory")).get(0);
        assertThat(record.getEventName()).isEqualTo("crash");
        assertThat(record.getBody().getStringValue()).isEqualTo("out of memory");
    }

    @Test
    void aCounterIsItsTotalOrWithoutOneItsDelta() throws Exception {
        List<Metric> metrics = metrics(
                Envelopes.counter("router", "requests", 5, 70),
                Envelopes.counter("router", "requests", 5, 75),
                Envelopes.counter("router", "errors", 3, 0));
        assertThat(metrics).hasSize(2);
        assertThat(metrics.get(0).getName()).isEqualTo("requests");
        assertThat(metrics.get(0).getSum().getIsMonotonic()).isTrue();
        assertThat(metrics.get(0).getSum().getAggregationTemporality())
                .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
        assertThat(metrics.get(0).getSum().getDataPointsList())
                .extracting(NumberDataPoint::getAsInt)
                .containsExactly(70L, 75L);
        assertThat(metrics.get(1).getSum().getAggregationTemporality())
                .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        assertThat(metrics.get(1).getSum().getDataPoints(0).getAsInt()).isEqualTo(3);
    }

    @Test
    void aTotalAboveASignedNumberIsNotNegative() throws Exception {
        Metric metric = metrics(Envelopes.counter("router", "bytes", 1, -1)).get(0);
        assertThat(metric.getSum().getDataPoints(0).getAsDouble()).isEqualTo(0x1p64);
    }

    @Test
    void eachMetricOfAGaugeIsAGaugeWithItsUnit() throws Exception {
        List<Metric> metrics = metrics(Envelopes.gauge(
                "app", Map.of("cpu", Envelopes.value(12.5, "percentage"), "memory", Envelopes.value(1024, "bytes"))));
        assertThat(metrics).hasSize(2).allSatisfy(metric -> {
            boolean cpu = metric.getName().equals("cpu");
            assertThat(metric.getUnit()).isEqualTo(cpu ? "percentage" : "bytes");
            assertThat(metric.getGauge().getDataPoints(0).getAsDouble()).isEqualTo(cpu ? 12.5 : 1024);
            assertThat(metric.getGauge().getDataPoints(0).getTimeUnixNano()).isEqualTo(TIME);
        });
    }

    @Test
    void requestsAreAHistogramForEachMethodAndStatus() throws Exception {
        List<Metric> metrics = metrics(
                Envelopes.http("app", "200", 3),
                Envelopes.http("app", "200", 20_000),
                Envelopes.http("app", "500", 80));
        assertThat(metrics).hasSize(1);
        Metric metric = metrics.get(0);
        assertThat(metric.getName()).isEqualTo("http.server.request.duration");
        assertThat(metric.getUnit()).isEqualTo("s");
        assertThat(metric.getHistogram().getAggregationTemporality())
                .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA);
        assertThat(metric.getHistogram().getDataPointsCount()).isEqualTo(2);
        HistogramDataPoint good = metric.getHistogram().getDataPoints(0);
        assertThat(map(good.getAttributesList()))
                .isEqualTo(Map.of("http.request.method", "GET", "http.response.status_code", 200L));
        assertThat(good.getCount()).isEqualTo(2);
        assertThat(good.getSum()).isEqualTo(20.003);
        assertThat(good.getMin()).isEqualTo(0.003);
        assertThat(good.getMax()).isEqualTo(20);
        assertThat(good.getBucketCountsList())
                .hasSize(good.getExplicitBoundsCount() + 1)
                .startsWith(1L)
                .endsWith(1L);
        assertThat(good.getStartTimeUnixNano()).isEqualTo(TIME);
        assertThat(good.getTimeUnixNano()).isEqualTo(TIME + 20_000_000_000L);
        assertThat(metric.getHistogram().getDataPoints(1).getBucketCounts(5)).isEqualTo(1);
    }

    @Test
    void anotherTimerKeepsItsNameAndTimeThatRunsBackwardsIsNone() throws Exception {
        Metric metric = metrics(Envelopes.timer("app", "compile", -5)).get(0);
        assertThat(metric.getName()).isEqualTo("compile");
        assertThat(metric.getHistogram().getDataPoints(0).getSum()).isZero();
        assertThat(metric.getHistogram().getDataPoints(0).getBucketCounts(0)).isEqualTo(1);
    }

    @Test
    void whatIsOfNoKnownKindHasNoPlace() {
        batch(Envelope.newBuilder().setSourceId("app").build()).forEach(envelope -> {
            Export export = new Export(OBSERVED, LARGEST, (request, n) -> fail(), (request, n) -> fail());
            assertThatCode(() -> {
                        assertThat(export.add(envelope)).isFalse();
                        export.end();
                    })
                    .doesNotThrowAnyException();
        });
    }

    @Test
    void aGaugeWhoseTagsAreRepeatedForEachMetricIsSplit() throws Exception {
        Map<String, GaugeValue> metrics = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            metrics.put("metric-" + i, Envelopes.value(i, "bytes"));
        }
        Envelope gauge = Envelopes.gauge("app", metrics).toBuilder()
                .putTags("long", "x".repeat(10_000))
                .build();

        export(LARGEST, gauge);

        assertThat(points)
                .hasSizeBetween(10, 12)
                .allSatisfy(request -> assertThat(request.getSerializedSize()).isLessThanOrEqualTo((int) LARGEST));
        assertThat(points.stream().flatMap(request -> metrics(request).stream()).map(Metric::getName))
                .containsExactlyInAnyOrderElementsOf(metrics.keySet());
        assertThat(count).isEqualTo(1_000);
    }

    @Test
    void requestsAreNoLargerThanAllowedHoweverMuchIsAddedToSmallEnvelopes() throws Exception {
        long largest = 64 << 10;
        List<Envelope> envelopes = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            envelopes.add(Envelopes.http("a" + i, "200", i));
            envelopes.add(Envelopes.log("a" + i, ""));
            envelopes.add(Envelopes.counter("a" + i, "n", 1, i));
        }

        export(largest, envelopes.toArray(Envelope[]::new));

        assertThat(logs)
                .hasSizeGreaterThan(1)
                .allSatisfy(request -> assertThat(request.getSerializedSize()).isLessThanOrEqualTo((int) largest));
        assertThat(points)
                .hasSizeGreaterThan(1)
                .allSatisfy(request -> assertThat(request.getSerializedSize()).isLessThanOrEqualTo((int) largest));
        assertThat(count).isEqualTo(6_000);
    }

    @Test
    void whatIsLargerAloneGoesAlone() throws Exception {
        export(1_000, Envelopes.log("a", "x"), Envelopes.log("a", "x".repeat(2_000)), Envelopes.log("a", "y"));
        assertThat(logs).hasSize(3);
        assertThat(count).isEqualTo(3);
    }
}
