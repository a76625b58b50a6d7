package io.loggregator.nozzles.otlp;

import com.google.protobuf.CodedOutputStream;
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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes metrics into requests. A counter is a sum: cumulative where its sender tells a total, and else the delta. A gauge is
 * a gauge for each of its metrics. Timers of one name are a histogram of what they took in one request.
 */
final class Metrics {
    private static final double NANOS = 1e9;
    private static final Pattern STATUS = Pattern.compile("[1-9][0-9]{2}");
    /** In seconds: what the semantic conventions advise for HTTP. */
    private static final List<Double> BOUNDS =
            List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

    /** More bytes than a histogram's point has beside its attributes. */
    private static final int HISTOGRAM = 512;

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
    private final Set<Name> names = new HashSet<>();
    private final Set<Resource> resources = new HashSet<>();
    private final long largest;
    private final Export.Requests<ExportMetricsServiceRequest> requests;
    private long points;
    private long bytes;

    /** @param largest bytes of a request, unless it is of one data point */
    Metrics(long largest, Export.Requests<ExportMetricsServiceRequest> requests) {
        this.largest = largest;
        this.requests = requests;
    }

    void counter(Counter counter, Attributes attributes) throws Exception {
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

    void gauge(Gauge gauge, Attributes attributes) throws Exception {
        List<KeyValue> ofRecord = attributes.ofRecord();
        for (Map.Entry<String, Gauge.Metric> metric : gauge.metrics().entrySet()) {
            add(
                    new Name(
                            attributes.resource(),
                            Kind.GAUGE,
                            metric.getKey(),
                            metric.getValue().unit()),
                    NumberDataPoint.newBuilder()
                            .setAsDouble(metric.getValue().value())
                            .setTimeUnixNano(Export.time(gauge.timestampNanos()))
                            .addAllAttributes(ofRecord));
        }
    }

    /** Makes sure that a point of so many bytes has a place in this request. */
    private void place(Name name, long ofPoint) throws Exception {
        long more = ofPoint + Export.FRAME + ofNew(name);
        if (points > 0 && bytes + more > largest) {
            send();
            more = ofPoint + Export.FRAME + ofNew(name);
        }
        names.add(name);
        resources.add(name.resource());
        bytes += more;
        points++;
    }

    /** What the name and its resource take where this request has not had them yet, in bytes. */
    private long ofNew(Name name) {
        long ofName = names.contains(name)
                ? 0
                : CodedOutputStream.computeStringSizeNoTag(name.name())
                        + CodedOutputStream.computeStringSizeNoTag(name.unit())
                        + Export.FRAME;
        return ofName
                + (resources.contains(name.resource()) ? 0 : name.resource().getSerializedSize() + Export.FRAME);
    }

    private void add(Name name, NumberDataPoint.Builder builder) throws Exception {
        NumberDataPoint point = builder.build();
        place(name, point.getSerializedSize());
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
    }

    /**
     * Requests over HTTP have the names of the semantic conventions, as the client's or the server's. Of their tags only
     * method and status tell series apart, as most others differ with every request.
     */
    void timer(Timer timer, Attributes attributes) throws Exception {
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
            long ofAttributes = kept.stream()
                    .mapToLong(attribute -> attribute.getSerializedSize() + Export.FRAME)
                    .sum();
            place(series.name(), HISTOGRAM + ofAttributes);
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

    /** Nothing comes any more: what is there goes on. */
    void end() throws Exception {
        if (points > 0) {
            send();
        }
    }

    private void send() throws Exception {
        ExportMetricsServiceRequest request = request();
        long count = points;
        numbers.clear();
        histograms.clear();
        names.clear();
        resources.clear();
        points = 0;
        bytes = 0;
        requests.send(request, count);
    }

    private ExportMetricsServiceRequest request() {
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
