package io.loggregator.wire.v1;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.HttpFactory.PeerType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.cloudfoundry.dropsonde.events.UuidFactory.UUID;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/** The conversions between v1 and v2 written down once more, with protobuf's objects: an oracle for tests. */
final class ConversionTables {
    private static final List<String> CONTAINER = List.of("cpu", "memory", "disk", "memory_quota", "disk_quota");
    private static final List<String> OF_ENVELOPE = List.of("__v1_type", "origin", "deployment", "job", "index", "ip");
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

    private ConversionTables() {}

    // v2 to v1

    static List<EventFactory.Envelope> v1(Envelope v2) {
        return switch (v2.getMessageCase()) {
            case LOG -> List.of(look(v2, "__v1_type").equals("Error") ? error(v2) : log(v2));
            case COUNTER ->
                List.of(envelope(v2, EventType.CounterEvent, true, List.of())
                        .setCounterEvent(CounterEvent.newBuilder()
                                .setName(v2.getCounter().getName())
                                .setDelta(v2.getCounter().getDelta())
                                .setTotal(v2.getCounter().getTotal()))
                        .build());
            case GAUGE -> gauge(v2);
            case TIMER -> uuid(look(v2, "request_id")) == null ? List.of() : List.of(http(v2));
            case EVENT, MESSAGE_NOT_SET -> List.of();
        };
    }

    private static String look(Envelope v2, String key) {
        return v2.getTagsOrDefault(key, text(v2.getDeprecatedTagsOrDefault(key, Value.getDefaultInstance())));
    }

    private static String text(Value value) {
        return switch (value.getDataCase()) {
            case TEXT -> value.getText();
            case INTEGER -> Long.toString(value.getInteger());
            case DECIMAL -> {
                BigDecimal decimal = new BigDecimal(value.getDecimal()).setScale(6, RoundingMode.HALF_EVEN);
                yield decimal.signum() == 0 && value.getDecimal() < 0 ? "-0.000000" : decimal.toPlainString();
            }
            case DATA_NOT_SET -> "";
        };
    }

    private static EventFactory.Envelope.Builder envelope(
            Envelope v2, EventType type, boolean instance, List<String> removed) {
        Map<String, String> tags = new HashMap<>(v2.getTagsMap());
        v2.getDeprecatedTagsMap().forEach((key, value) -> {
            if (value.getDataCase() != Value.DataCase.DATA_NOT_SET) {
                tags.put(key, text(value));
            }
        });
        if (!v2.getSourceId().isEmpty()) {
            tags.put("source_id", v2.getSourceId());
        }
        if (instance && !v2.getInstanceId().isEmpty()) {
            tags.put("instance_id", v2.getInstanceId());
        }
        tags.keySet().removeAll(Set.copyOf(OF_ENVELOPE));
        tags.keySet().removeAll(Set.copyOf(removed));
        return EventFactory.Envelope.newBuilder()
                .setEventType(type)
                .setTimestamp(v2.getTimestamp())
                .setOrigin(look(v2, "origin"))
                .setDeployment(look(v2, "deployment"))
                .setJob(look(v2, "job"))
                .setIndex(look(v2, "index"))
                .setIp(look(v2, "ip"))
                .putAllTags(tags);
    }

    private static EventFactory.Envelope log(Envelope v2) {
        return envelope(v2, EventType.LogMessage, false, List.of("source_type"))
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(v2.getLog().getPayload())
                        .setMessageType(
                                v2.getLog().getType() == Log.Type.OUT
                                        ? LogMessage.MessageType.OUT
                                        : LogMessage.MessageType.ERR)
                        .setTimestamp(v2.getTimestamp())
                        .setAppId(v2.getSourceId())
                        .setSourceType(look(v2, "source_type"))
                        .setSourceInstance(v2.getInstanceId()))
                .build();
    }

    private static EventFactory.Envelope error(Envelope v2) {
        return envelope(v2, EventType.Error, false, List.of("source", "code"))
                .setError(ErrorFactory.Error.newBuilder()
                        .setSource(look(v2, "source"))
                        .setCode(int32(look(v2, "code")))
                        .setMessageBytes(v2.getLog().getPayload()))
                .build();
    }

    private static List<EventFactory.Envelope> gauge(Envelope v2) {
        Map<String, GaugeValue> metrics = v2.getGauge().getMetricsMap();
        boolean container = CONTAINER.stream().allMatch(name -> {
            GaugeValue value = metrics.get(name);
            return value != null && !(value.getUnit().isEmpty() && value.getValue() == 0);
        });
        List<EventFactory.Envelope> all = new ArrayList<>();
        if (container) {
            all.add(envelope(v2, EventType.ContainerMetric, false, List.of())
                    .setContainerMetric(ContainerMetric.newBuilder()
                            .setApplicationId(v2.getSourceId())
                            .setInstanceIndex(
                                    metrics.containsKey("instance_index")
                                            ? new BigDecimal(metrics.get("instance_index")
                                                            .getValue())
                                                    .intValue()
                                            : int32(v2.getInstanceId()))
                            .setCpuPercentage(metrics.get("cpu").getValue())
                            .setMemoryBytes(uint64(metrics.get("memory")))
                            .setDiskBytes(uint64(metrics.get("disk")))
                            .setMemoryBytesQuota(uint64(metrics.get("memory_quota")))
                            .setDiskBytesQuota(uint64(metrics.get("disk_quota"))))
                    .build());
            return all;
        }
        metrics.forEach((name, value) -> all.add(envelope(v2, EventType.ValueMetric, true, List.of())
                .setValueMetric(ValueMetric.newBuilder()
                        .setName(name)
                        .setValue(value.getValue())
                        .setUnit(value.getUnit()))
                .build()));
        return all;
    }

    private static EventFactory.Envelope http(Envelope v2) {
        HttpStartStop.Builder http = HttpStartStop.newBuilder()
                .setStartTimestamp(v2.getTimer().getStart())
                .setStopTimestamp(v2.getTimer().getStop())
                .setRequestId(uuid(look(v2, "request_id")))
                // Numbers of enums that v1 does not know never come out: that is set apart from the Go release.
                .setPeerType(look(v2, "peer_type").equals("Server") ? PeerType.Server : PeerType.Client)
                .setMethod(method(look(v2, "method")))
                .setUri(look(v2, "uri"))
                .setRemoteAddress(look(v2, "remote_address"))
                .setUserAgent(look(v2, "user_agent"))
                .setStatusCode((int) int64(look(v2, "status_code")))
                .setContentLength(int64(look(v2, "content_length")))
                .setInstanceIndex(int32(v2.getInstanceId()))
                .setInstanceId(look(v2, "routing_instance_id"))
                .addAllForwarded(List.of(look(v2, "forwarded").split("\n", -1)));
        UUID app = uuid(v2.getSourceId());
        if (app != null) {
            http.setApplicationId(app);
        }
        return envelope(v2, EventType.HttpStartStop, false, OF_HTTP)
                .setHttpStartStop(http)
                .build();
    }

    private static Method method(String name) {
        for (Method method : Method.values()) {
            if (method.name().equals(name)) {
                return method;
            }
        }
        return Method.GET;
    }

    private static UUID uuid(String text) {
        // Whatever stands where the dashes belong.
        if (!text.matches("[0-9a-fA-F]{8}.[0-9a-fA-F]{4}.[0-9a-fA-F]{4}.[0-9a-fA-F]{4}.[0-9a-fA-F]{12}")) {
            return null;
        }
        String hex = text.substring(0, 8)
                + text.substring(9, 13)
                + text.substring(14, 18)
                + text.substring(19, 23)
                + text.substring(24);
        return UUID.newBuilder()
                .setLow(Long.reverseBytes(Long.parseUnsignedLong(hex.substring(0, 16), 16)))
                .setHigh(Long.reverseBytes(Long.parseUnsignedLong(hex.substring(16), 16)))
                .build();
    }

    private static String uuidText(UUID uuid) {
        return new java.util.UUID(Long.reverseBytes(uuid.getLow()), Long.reverseBytes(uuid.getHigh())).toString();
    }

    private static int int32(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static long int64(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static long uint64(GaugeValue value) {
        return new BigDecimal(value.getValue()).toBigInteger().longValue();
    }

    // v1 to v2

    static Envelope v2(EventFactory.Envelope v1, boolean preferred) {
        Map<String, String> tags = new HashMap<>(v1.getTagsMap());
        String sourceId = tags.getOrDefault("source_id", v1.getDeployment() + "/" + v1.getJob());
        tags.remove("source_id");
        tags.put("origin", v1.getOrigin());
        tags.put("deployment", v1.getDeployment());
        tags.put("job", v1.getJob());
        tags.put("index", v1.getIndex());
        tags.put("ip", v1.getIp());
        tags.put("__v1_type", v1.getEventType().name());
        Envelope.Builder v2 = Envelope.newBuilder().setTimestamp(v1.getTimestamp());
        switch (v1.getEventType()) {
            case LogMessage -> {
                LogMessage log = v1.getLogMessage();
                sourceId = log.getAppId().isEmpty() ? sourceId : log.getAppId();
                v2.setInstanceId(log.getSourceInstance())
                        .setLog(Log.newBuilder()
                                .setPayload(log.getMessage())
                                .setType(Log.Type.valueOf(log.getMessageType().name())));
                tags.put("source_type", log.getSourceType());
            }
            case Error -> {
                v2.setLog(Log.newBuilder().setPayload(v1.getError().getMessageBytes()));
                tags.put("source", v1.getError().getSource());
                tags.put("code", Integer.toString(v1.getError().getCode()));
            }
            case CounterEvent -> {
                String instance = tags.remove("instance_id");
                v2.setInstanceId(instance == null ? "" : instance)
                        .setCounter(Counter.newBuilder()
                                .setName(v1.getCounterEvent().getName())
                                .setDelta(v1.getCounterEvent().getDelta())
                                .setTotal(v1.getCounterEvent().getTotal()));
            }
            case ValueMetric ->
                v2.setInstanceId(tags.getOrDefault("instance_id", ""))
                        .setGauge(Gauge.newBuilder()
                                .putMetrics(
                                        v1.getValueMetric().getName(),
                                        metric(
                                                v1.getValueMetric().getUnit(),
                                                v1.getValueMetric().getValue())));
            case ContainerMetric -> {
                ContainerMetric container = v1.getContainerMetric();
                sourceId = container.getApplicationId().isEmpty() ? sourceId : container.getApplicationId();
                v2.setInstanceId(Integer.toString(container.getInstanceIndex()))
                        .setGauge(Gauge.newBuilder()
                                .putMetrics("cpu", metric("percentage", container.getCpuPercentage()))
                                .putMetrics("memory", bytes(container.getMemoryBytes()))
                                .putMetrics("disk", bytes(container.getDiskBytes()))
                                .putMetrics("memory_quota", bytes(container.getMemoryBytesQuota()))
                                .putMetrics("disk_quota", bytes(container.getDiskBytesQuota())));
            }
            case HttpStartStop -> {
                HttpStartStop http = v1.getHttpStartStop();
                UUID app = http.getApplicationId();
                sourceId = app.getLow() == 0 && app.getHigh() == 0 ? sourceId : uuidText(app);
                v2.setInstanceId(Integer.toString(http.getInstanceIndex()))
                        .setTimer(Timer.newBuilder()
                                .setName("http")
                                .setStart(http.getStartTimestamp())
                                .setStop(http.getStopTimestamp()));
                tags.put("request_id", uuidText(http.getRequestId()));
                tags.put("peer_type", http.getPeerType().name());
                tags.put("method", http.getMethod().name());
                tags.put("uri", http.getUri());
                tags.put("remote_address", http.getRemoteAddress());
                tags.put("user_agent", http.getUserAgent());
                tags.put("status_code", Integer.toString(http.getStatusCode()));
                tags.put("content_length", Long.toString(http.getContentLength()));
                tags.put("routing_instance_id", http.getInstanceId());
                tags.put("forwarded", String.join("\n", http.getForwardedList()));
            }
        }
        v2.setSourceId(sourceId);
        if (preferred) {
            return v2.putAllTags(tags).build();
        }
        tags.forEach((key, text) ->
                v2.putDeprecatedTags(key, Value.newBuilder().setText(text).build()));
        return v2.build();
    }

    private static GaugeValue metric(String unit, double value) {
        return GaugeValue.newBuilder().setUnit(unit).setValue(value).build();
    }

    private static GaugeValue bytes(long unsigned) {
        return metric("bytes", new BigDecimal(Long.toUnsignedString(unsigned)).doubleValue());
    }
}
