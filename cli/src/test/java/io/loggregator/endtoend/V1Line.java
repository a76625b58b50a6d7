package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.UuidFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/**
 * v1 envelopes as text to be compared, and which ones an envelope of v2 is to become: the rules of the conversion once
 * more, on parsed messages.
 */
final class V1Line {
    private static final List<String> CONTAINER = List.of("cpu", "memory", "disk", "memory_quota", "disk_quota");
    private static final List<String> OF_HTTP = List.of(
            "request_id",
            "peer_type",
            "method",
            "uri",
            "remote_address",
            "user_agent",
            "status_code",
            "content_length",
            "routing_instance_id",
            "forwarded");
    private static final String NO_UUID = "none";

    private V1Line() {}

    /** What came, of whichever type. */
    static Line of(EventFactory.Envelope v1) {
        String message = switch (v1.getEventType()) {
            case LogMessage -> {
                LogMessage log = v1.getLogMessage();
                yield log(
                        log.getMessageType().name(),
                        log.getTimestamp(),
                        log.getAppId(),
                        log.getSourceType(),
                        log.getSourceInstance(),
                        log.getMessage());
            }
            case Error ->
                error(
                        v1.getError().getSource(),
                        v1.getError().getCode(),
                        v1.getError().getMessageBytes());
            case CounterEvent ->
                counter(
                        v1.getCounterEvent().getName(),
                        v1.getCounterEvent().getDelta(),
                        v1.getCounterEvent().getTotal());
            case ValueMetric ->
                value(
                        v1.getValueMetric().getName(),
                        v1.getValueMetric().getUnit(),
                        v1.getValueMetric().getValue());
            case ContainerMetric -> {
                ContainerMetric metric = v1.getContainerMetric();
                yield container(
                        metric.getApplicationId(),
                        metric.getInstanceIndex(),
                        metric.getCpuPercentage(),
                        List.of(
                                metric.getMemoryBytes(),
                                metric.getDiskBytes(),
                                metric.getMemoryBytesQuota(),
                                metric.getDiskBytesQuota()));
            }
            case HttpStartStop -> http(v1.getHttpStartStop());
            default -> throw new AssertionError("unexpected " + v1);
        };
        Map<String, String> tags = new TreeMap<>(v1.getTagsMap());
        return line(
                v1.getTimestamp(),
                List.of(v1.getOrigin(), v1.getDeployment(), v1.getJob(), v1.getIndex(), v1.getIp()),
                tags,
                message);
    }

    /** What is to come of an envelope, in the order of the texts; nothing if v1 has no form for it. */
    static List<Line> expected(Envelope v2) {
        boolean error = v2.hasLog() && lookup(v2, "__v1_type").equals("Error");
        List<String> messages = switch (v2.getMessageCase()) {
            case LOG -> List.of(error ? expectedError(v2) : expectedLog(v2));
            case COUNTER ->
                List.of(counter(
                        v2.getCounter().getName(),
                        v2.getCounter().getDelta(),
                        v2.getCounter().getTotal()));
            case GAUGE -> expectedMetrics(v2);
            case TIMER -> expectedHttp(v2);
            case EVENT, MESSAGE_NOT_SET -> List.of();
        };
        Map<String, String> tags = new TreeMap<>(v2.getTagsMap());
        v2.getDeprecatedTagsMap().forEach((key, value) -> {
            if (value.getDataCase() != Value.DataCase.DATA_NOT_SET) {
                tags.put(key, Line.text(value));
            }
        });
        if (!v2.getSourceId().isEmpty()) {
            tags.put("source_id", v2.getSourceId());
        }
        if (!v2.getInstanceId().isEmpty() && (v2.hasCounter() || (v2.hasGauge() && !isContainer(v2)))) {
            tags.put("instance_id", v2.getInstanceId());
        }
        if (error) {
            tags.keySet().removeAll(List.of("source", "code"));
        } else if (v2.hasLog()) {
            tags.remove("source_type");
        } else if (v2.hasTimer()) {
            tags.keySet().removeAll(OF_HTTP);
        }
        tags.keySet().removeAll(List.of("__v1_type", "origin", "deployment", "job", "index", "ip"));
        List<String> head = List.of(
                lookup(v2, "origin"),
                lookup(v2, "deployment"),
                lookup(v2, "job"),
                lookup(v2, "index"),
                lookup(v2, "ip"));
        List<Line> lines = new ArrayList<>();
        for (String message : messages) {
            lines.add(line(v2.getTimestamp(), head, new TreeMap<>(tags), message));
        }
        return lines;
    }

    private static Line line(long timestamp, List<String> head, Map<String, String> tags, String message) {
        tags.replaceAll(Line::tag);
        return new Line(timestamp, "%s %s %s".formatted(head, tags, message));
    }

    private static String lookup(Envelope v2, String key) {
        return v2.containsTags(key)
                ? v2.getTagsOrThrow(key)
                : Line.text(v2.getDeprecatedTagsOrDefault(key, Value.getDefaultInstance()));
    }

    private static String expectedLog(Envelope v2) {
        return log(
                v2.getLog().getType() == Log.Type.OUT ? "OUT" : "ERR",
                v2.getTimestamp(),
                v2.getSourceId(),
                lookup(v2, "source_type"),
                v2.getInstanceId(),
                v2.getLog().getPayload());
    }

    private static String expectedError(Envelope v2) {
        return error(
                lookup(v2, "source"),
                number(lookup(v2, "code"), Integer.MAX_VALUE),
                v2.getLog().getPayload());
    }

    private static List<String> expectedMetrics(Envelope v2) {
        Map<String, GaugeValue> metrics = v2.getGauge().getMetricsMap();
        if (isContainer(v2)) {
            GaugeValue index = metrics.get("instance_index");
            return List.of(container(
                    v2.getSourceId(),
                    index == null ? number(v2.getInstanceId(), Integer.MAX_VALUE) : (long) index.getValue(),
                    metrics.get("cpu").getValue(),
                    CONTAINER.stream()
                            .skip(1)
                            .map(name -> (long) metrics.get(name).getValue())
                            .toList()));
        }
        List<String> values = new ArrayList<>();
        metrics.forEach((name, metric) -> values.add(value(name, metric.getUnit(), metric.getValue())));
        Collections.sort(values);
        return values;
    }

    private static boolean isContainer(Envelope v2) {
        return CONTAINER.stream()
                .map(v2.getGauge().getMetricsMap()::get)
                .allMatch(metric -> metric != null && !(metric.getUnit().isEmpty() && metric.getValue() == 0));
    }

    private static List<String> expectedHttp(Envelope v2) {
        String request = lookup(v2, "request_id");
        if (request.isEmpty()) {
            return List.of();
        }
        String peer = lookup(v2, "peer_type");
        boolean known = List.of(Method.values()).stream()
                .anyMatch(method -> method.name().equals(lookup(v2, "method")));
        return List.of(http(
                List.of(v2.getTimer().getStart(), v2.getTimer().getStop()),
                List.of(request, v2.getSourceId().matches("[0-9a-f-]{36}") ? v2.getSourceId() : NO_UUID),
                // Where the tags say nothing that v1 has a number for: every reader can read these.
                List.of(peer.equals("Server") ? peer : "Client", known ? lookup(v2, "method") : "GET"),
                List.of(lookup(v2, "uri"), lookup(v2, "remote_address"), lookup(v2, "user_agent")),
                List.of(
                        number(lookup(v2, "status_code"), Integer.MAX_VALUE),
                        number(lookup(v2, "content_length"), Long.MAX_VALUE),
                        number(v2.getInstanceId(), Integer.MAX_VALUE)),
                lookup(v2, "routing_instance_id"),
                List.of(lookup(v2, "forwarded").split("\n", -1))));
    }

    /** 0 for what is no number or not up to the limit. */
    private static long number(String text, long limit) {
        try {
            long number = Long.parseLong(text);
            return Math.abs(number) <= limit ? number : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static String http(HttpStartStop http) {
        return http(
                List.of(http.getStartTimestamp(), http.getStopTimestamp()),
                List.of(uuid(http.getRequestId()), http.hasApplicationId() ? uuid(http.getApplicationId()) : NO_UUID),
                List.of(http.getPeerType().name(), http.getMethod().name()),
                List.of(http.getUri(), http.getRemoteAddress(), http.getUserAgent()),
                List.of((long) http.getStatusCode(), http.getContentLength(), (long) http.getInstanceIndex()),
                http.getInstanceId(),
                http.getForwardedList());
    }

    private static String uuid(UuidFactory.UUID uuid) {
        return new UUID(Long.reverseBytes(uuid.getLow()), Long.reverseBytes(uuid.getHigh())).toString();
    }

    private static String log(
            String type, long timestamp, String app, String sourceType, String sourceInstance, ByteString message) {
        return "LogMessage %s %d %s %s/%s %s"
                .formatted(type, timestamp, app, sourceType, sourceInstance, Line.shown(message));
    }

    private static String error(String source, long code, ByteString message) {
        return "Error %s %d %s".formatted(source, code, Line.shown(message));
    }

    private static String counter(String name, long delta, long total) {
        return "CounterEvent %s +%d =%d".formatted(name, delta, total);
    }

    private static String value(String name, String unit, double value) {
        return "ValueMetric %s %s %s".formatted(name, value, unit);
    }

    private static String container(String app, long instance, double cpu, List<Long> bytes) {
        return "ContainerMetric %s/%d %s %s".formatted(app, instance, cpu, bytes);
    }

    private static String http(
            List<Long> times,
            List<String> ids,
            List<String> names,
            List<String> texts,
            List<Long> numbers,
            String instanceId,
            List<String> forwarded) {
        return "HttpStartStop %s %s %s %s %s %s %d %s"
                .formatted(times, ids, names, texts, numbers, instanceId, forwarded.size(), forwarded);
    }
}
