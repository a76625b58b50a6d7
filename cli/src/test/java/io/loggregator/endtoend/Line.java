package io.loggregator.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/**
 * What one reader got of one envelope, as text to be compared: written down here once more, without a line of what the
 * servers render with.
 */
record Line(long timestamp, String text) {
    private static final int LONGEST_SHOWN = 60;

    /** Which of an envelope's two tag maps wins where both have a key. */
    enum Wins {
        TAGS,
        DEPRECATED_TAGS
    }

    /** A v2 envelope that came over gRPC, or one that was sent: both maps as one. */
    static Line of(Envelope v2, Wins wins) {
        Map<String, String> tags = new TreeMap<>(v2.getTagsMap());
        v2.getDeprecatedTagsMap().forEach((key, value) -> {
            if (value.getDataCase() != Value.DataCase.DATA_NOT_SET
                    && (wins == Wins.DEPRECATED_TAGS || !v2.containsTags(key))) {
                tags.put(key, text(value));
            }
        });
        String message = switch (v2.getMessageCase()) {
            case LOG -> log(type(v2.getLog().getTypeValue()), v2.getLog().getPayload());
            case COUNTER ->
                counter(
                        v2.getCounter().getName(),
                        Long.toUnsignedString(v2.getCounter().getDelta()),
                        Long.toUnsignedString(v2.getCounter().getTotal()));
            case GAUGE -> {
                Map<String, String> metrics = new TreeMap<>();
                v2.getGauge()
                        .getMetricsMap()
                        .forEach((name, metric) -> metrics.put(name, metric(metric.getUnit(), metric.getValue())));
                yield "gauge " + metrics;
            }
            case TIMER ->
                timer(
                        v2.getTimer().getName(),
                        Long.toString(v2.getTimer().getStart()),
                        Long.toString(v2.getTimer().getStop()));
            case EVENT -> event(v2.getEvent().getTitle(), v2.getEvent().getBody());
            case MESSAGE_NOT_SET -> "nothing";
        };
        return v2(v2.getTimestamp(), v2.getSourceId(), v2.getInstanceId(), tags, message);
    }

    /** One of the objects in an event's batch; fails where it is not the canonical form. */
    static Line of(JsonNode json) throws IOException {
        Fields fields = new Fields(json);
        long timestamp = Long.parseLong(fields.text("timestamp"));
        String source = fields.text("source_id");
        String instance = fields.text("instance_id");
        if (!fields.object("deprecated_tags").isEmpty()) {
            throw new AssertionError("there are deprecated tags in " + json);
        }
        Map<String, String> tags = new TreeMap<>();
        fields.object("tags").properties().forEach(tag -> tags.put(tag.getKey(), Fields.text(tag.getValue())));
        Map.Entry<String, JsonNode> message = fields.last();
        Fields of = new Fields(message.getValue());
        String text = switch (message.getKey()) {
            case "log" -> {
                JsonNode type = message.getValue().get("type");
                byte[] payload = Base64.getDecoder().decode(of.text("payload"));
                yield log(type.isInt() ? type.toString() : Fields.text(type), ByteString.copyFrom(payload));
            }
            case "counter" -> counter(of.text("name"), of.text("delta"), of.text("total"));
            case "gauge" -> {
                Map<String, String> metrics = new TreeMap<>();
                of.object("metrics").properties().forEach(metric -> {
                    Fields value = new Fields(metric.getValue());
                    metrics.put(metric.getKey(), metric(value.text("unit"), value.number("value")));
                });
                yield "gauge " + metrics;
            }
            case "timer" -> timer(of.text("name"), of.text("start"), of.text("stop"));
            case "event" -> event(of.text("title"), of.text("body"));
            default -> throw new AssertionError("unknown: " + message.getKey());
        };
        return v2(timestamp, source, instance, tags, text);
    }

    /** The fields of a JSON object, each of the kind that proto3's canonical form demands. */
    private record Fields(JsonNode json) {
        String text(String name) {
            return text(json.path(name));
        }

        static String text(JsonNode node) {
            if (!node.isTextual()) {
                throw new AssertionError("not a text: " + node);
            }
            return node.textValue();
        }

        double number(String name) {
            JsonNode node = json.path(name);
            return node.isNumber() ? node.doubleValue() : Double.parseDouble(text(node));
        }

        JsonNode object(String name) {
            JsonNode node = json.path(name);
            if (!node.isObject()) {
                throw new AssertionError(name + " is no object in " + json);
            }
            return node;
        }

        /** The one that stands behind all fields of the envelope itself. */
        Map.Entry<String, JsonNode> last() {
            if (json.size() != 6) {
                throw new AssertionError("not six fields: " + json);
            }
            return json.properties().stream().reduce((first, second) -> second).orElseThrow();
        }
    }

    private static Line v2(long timestamp, String source, String instance, Map<String, String> tags, String message) {
        tags.replaceAll(Line::tag);
        return new Line(timestamp, "%s/%s %s %s".formatted(source, instance, tags, message));
    }

    private static String type(int number) {
        return number == 0 ? "OUT" : number == 1 ? "ERR" : Integer.toString(number);
    }

    private static String log(String type, ByteString payload) {
        return "log " + type + " " + shown(payload);
    }

    private static String counter(String name, String delta, String total) {
        return "counter %s +%s =%s".formatted(name, delta, total);
    }

    private static String metric(String unit, double value) {
        return value + " " + unit;
    }

    private static String timer(String name, String start, String stop) {
        return "timer %s %s..%s".formatted(name, start, stop);
    }

    private static String event(String title, String body) {
        return "event %s: %s".formatted(title, body);
    }

    /** A value of the old map as a text; decimals as v1 writes them, which {@link #tag} makes alike. */
    static String text(Value value) {
        return switch (value.getDataCase()) {
            case TEXT -> value.getText();
            case INTEGER -> Long.toString(value.getInteger());
            case DECIMAL -> new BigDecimal(value.getDecimal()).toPlainString();
            case DATA_NOT_SET -> "";
        };
    }

    /** A tag's text, with decimals in one of the forms that there are. */
    static String tag(String key, String text) {
        return key.startsWith(GeneratedTraffic.DECIMAL)
                ? new BigDecimal(text).stripTrailingZeros().toPlainString()
                : text;
    }

    /** Bytes to be compared; many of them as their hash. */
    static String shown(ByteString bytes) {
        if (bytes.size() <= LONGEST_SHOWN) {
            return "[" + HexFormat.of().formatHex(bytes.toByteArray()) + "]";
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
            return bytes.size() + " bytes of " + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
