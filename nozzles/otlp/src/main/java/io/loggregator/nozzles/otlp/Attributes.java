package io.loggregator.nozzles.otlp;

import io.loggregator.nozzle.Envelope;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tags of an envelope as OpenTelemetry's attributes: those that say what sends it make the resource, the others are
 * of the record. Names are those of the semantic conventions where these have one, and else the tag's.
 */
final class Attributes {
    /** Tags of the sender, the same in all that it sends, and the attributes that they become. */
    private static final Map<String, String> OF_RESOURCE = Map.ofEntries(
            Map.entry("app_id", "cloudfoundry.app.id"),
            Map.entry("app_name", "cloudfoundry.app.name"),
            Map.entry("process_id", "cloudfoundry.process.id"),
            Map.entry("process_instance_id", "cloudfoundry.app.instance.id"),
            Map.entry("process_type", "cloudfoundry.process.type"),
            Map.entry("space_id", "cloudfoundry.space.id"),
            Map.entry("space_name", "cloudfoundry.space.name"),
            Map.entry("organization_id", "cloudfoundry.org.id"),
            Map.entry("organization_name", "cloudfoundry.org.name"),
            Map.entry("deployment", "deployment"),
            Map.entry("job", "job"),
            Map.entry("index", "index"),
            Map.entry("ip", "ip"),
            Map.entry("origin", "origin"),
            Map.entry("product", "product"));

    private final Map<String, String> tags;
    private final Resource resource;

    Attributes(Envelope envelope) {
        tags = new HashMap<>(envelope.tags());
        Map<String, String> sender = new TreeMap<>();
        String name = tags.getOrDefault("app_name", "");
        put(sender, "service.name", name.isEmpty() ? envelope.sourceId() : name);
        put(sender, "service.instance.id", envelope.instanceId());
        put(sender, "cloudfoundry.system.id", envelope.sourceId());
        put(sender, "cloudfoundry.system.instance.id", envelope.instanceId());
        OF_RESOURCE.forEach((tag, attribute) -> {
            String value = tags.remove(tag);
            if (value != null) {
                put(sender, attribute, value);
            }
        });
        resource = Resource.newBuilder().addAllAttributes(list(sender)).build();
    }

    private static void put(Map<String, String> attributes, String name, String value) {
        if (!value.isEmpty()) {
            attributes.put(name, value);
        }
    }

    /** What sends it; equal for all envelopes of one sender. */
    Resource resource() {
        return resource;
    }

    /** A tag that is not of the sender, which then is no attribute any more; empty if there is none. */
    String take(String tag) {
        String value = tags.remove(tag);
        return value == null ? "" : value;
    }

    /** All other tags, by name. */
    List<KeyValue> ofRecord() {
        return list(tags);
    }

    /** Attributes in the order of their names, so that equal ones are equal messages. */
    private static List<KeyValue> list(Map<String, String> attributes) {
        List<KeyValue> list = new ArrayList<>();
        attributes.forEach((name, value) -> list.add(text(name, value)));
        list.sort(Comparator.comparing(KeyValue::getKey));
        return list;
    }

    static KeyValue text(String name, String value) {
        return KeyValue.newBuilder()
                .setKey(name)
                .setValue(AnyValue.newBuilder().setStringValue(value))
                .build();
    }

    static KeyValue number(String name, long value) {
        return KeyValue.newBuilder()
                .setKey(name)
                .setValue(AnyValue.newBuilder().setIntValue(value))
                .build();
    }
}
