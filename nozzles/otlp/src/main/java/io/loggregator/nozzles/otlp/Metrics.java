package io.loggregator.nozzles.otlp;

import io.loggregator.nozzle.Counter;
import io.loggregator.nozzle.Gauge;
import io.loggregator.nozzle.Timer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The metrics of one request. A counter is a sum: cumulative where its sender tells a total, and else the delta. A gauge is
 * a gauge for each of its metrics. Timers of one name are a histogram of what they took in this request.
 */
final class Metrics {
    private static final double NANOS = 1e9;
    private static final Pattern STATUS = Pattern.compile("[1-9][0-9]{2}");
    /** In seconds: what the semantic conventions advise for HTTP. */
    private static final List<Double> BOUNDS =
            List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

    private enum Kind {
        CUMULATIVE,
        DELTA,
        GAUGE,
        HISTOGRAM
    }

    private record Name(Resource resource, Kind kind, String name, String unit) {}

    private record Series(Name name, List<KeyValue> attributes) {}

    private final Map<Name, Metric.Builder> numbers = new LinkedHashMap<>();
    private final Map<Series, HistogramDataPoint.Builder> histograms = new LinkedHashMap<>();
    private long points;

    void counter(Counter counter, Attributes attributes) {
        boolean cumulative = counter.total() != 0;
        NumberDataPoint.Builder point = NumberDataPoint.newBuilder();
        long value = cumulative ? counter.total() : counter.delta();
        if (value >= 0) {
            point.setAsInt(value);
        } else {
            point.setAsDouble(new BigInteger(Long.toUnsignedString(value)).doubleValue());
        }
        add(
                new Name(attributes.resource(), cumulative ? Kind.CUMULATIVE : Kind.DELTA, counter.name(), ""),
                point.setTimeUnixNano(Export.time(counter.timestampNanos())).addAllAttributes(attributes.ofRecord()));
    }

    void gauge(Gauge gauge, Attributes attributes) {
        List<KeyValue> ofRecord = attributes.ofRecord();
        gauge.metrics()
                .forEach((name, metric) -> add(
                        new Name(attributes.resource(), Kind.GAUGE, name, metric.unit()),
                        NumberDataPoint.newBuilder()
                                .setAsDouble(metric.value())
                                .setTimeUnixNano(Export.time(gauge.timestampNanos()))
                                .addAllAttributes(ofRecord)));
    }

    private void add(Name name, NumberDataPoint.Builder point) {
        Metric.Builder metric = numbers.computeIfAbsent(
                name, first -> Metric.newBuilder().setName(name.name()).setUnit(name.unit()));
        switch (name.kind()) {
            case GAUGE -> metric.getGaugeBuilder().addDataPoints(point);
            case CUMULATIVE, DELTA ->
                metric.getSumBuilder()
                        .setIsMonotonic(true)
                        .setAggregationTemporality(
                                name.kind() == Kind.DELTA
                                        ? AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
                                        : AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                        .addDataPoints(point);
            case HISTOGRAM -> throw new AssertionError("a histogram has no numbers");
        }
        points++;
    }

    /**
     * Requests over HTTP have the names of the semantic conventions, as the client's or the server's. Of their tags only
     * method and status tell series apart, as most others differ with every request.
     */
    void timer(Timer timer, Attributes attributes) {
        String name = timer.name();
        List<KeyValue> kept = new ArrayList<>();
        if (name.equals("http")) {
            boolean client = attributes.take("peer_type").equalsIgnoreCase("client");
            name = client ? "http.client.request.duration" : "http.server.request.duration";
            String method = attributes.take("method");
            if (!method.isEmpty()) {
                kept.add(Attributes.text("http.request.method", method));
            }
            String status = attributes.take("status_code");
            if (STATUS.matcher(status).matches()) {
                kept.add(Attributes.number("http.response.status_code", Integer.parseInt(status)));
            }
        }
        Series series = new Series(new Name(attributes.resource(), Kind.HISTOGRAM, name, "s"), kept);
        double seconds = Math.max(0, (timer.stopNanos() - timer.startNanos()) / NANOS);
        HistogramDataPoint.Builder point = histograms.get(series);
        if (point == null) {
            point = HistogramDataPoint.newBuilder()
                    .addAllAttributes(series.attributes())
                    .addAllExplicitBounds(BOUNDS)
                    .setStartTimeUnixNano(Export.time(timer.startNanos()))
                    .setMin(seconds)
                    .setMax(seconds);
            for (int i = 0; i <= BOUNDS.size(); i++) {
                point.addBucketCounts(0);
            }
            histograms.put(series, point);
            points++;
        }
        int bucket = 0;
        while (bucket < BOUNDS.size() && seconds > BOUNDS.get(bucket)) {
            bucket++;
        }
        point.setBucketCounts(bucket, point.getBucketCounts(bucket) + 1)
                .setCount(point.getCount() + 1)
                .setSum(point.getSum() + seconds)
                .setMin(Math.min(point.getMin(), seconds))
                .setMax(Math.max(point.getMax(), seconds))
                .setStartTimeUnixNano(Math.min(point.getStartTimeUnixNano(), Export.time(timer.startNanos())))
                .setTimeUnixNano(Math.max(point.getTimeUnixNano(), Export.time(timer.stopNanos())));
    }

    /** How many data points {@link #request} has. */
    long points() {
        return points;
    }

    ExportMetricsServiceRequest request() {
        Map<Name, Metric.Builder> all = new LinkedHashMap<>(numbers);
        histograms.forEach((series, point) -> all.computeIfAbsent(
                        series.name(),
                        name -> Metric.newBuilder().setName(name.name()).setUnit(name.unit()))
                .getHistogramBuilder()
                .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                .addDataPoints(point));
        Map<Resource, ScopeMetrics.Builder> scopes = new LinkedHashMap<>();
        all.forEach((name, metric) -> scopes.computeIfAbsent(
                        name.resource(), resource -> ScopeMetrics.newBuilder().setScope(Export.SCOPE))
                .addMetrics(metric));
        ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
        scopes.forEach((resource, scope) -> request.addResourceMetrics(
                ResourceMetrics.newBuilder().setResource(resource).addScopeMetrics(scope)));
        return request.build();
    }
}
