package io.loggregator.nozzles.prometheus;

import io.loggregator.nozzle.Envelope;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names and labels as firehose_exporter has them. */
final class MetricNames {
    private static final int LONGEST_NAME = 200;
    private static final int LONGEST_VALUE = 256;
    private static final Pattern WORD = Pattern.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+");

    /** What a container's metrics are called. */
    private static final Map<String, String> CONTAINER = Map.of(
            "cpu", "container_metric_cpu_percentage",
            "memory", "container_metric_memory_bytes",
            "disk", "container_metric_disk_bytes",
            "memory_quota", "container_metric_memory_bytes_quota",
            "disk_quota", "container_metric_disk_bytes_quota");

    /** Second names of labels, by the tag. */
    private static final Map<String, String> ALIASES = Map.of(
            "deployment", "bosh_deployment",
            "job", "bosh_job_name",
            "index", "bosh_job_id",
            "ip", "bosh_job_ip",
            "app_id", "application_id",
            "app_name", "application_name");

    private final String namespace;
    private final Optional<String> environment;

    /** @param environment value of a label of that name */
    MetricNames(String namespace, Optional<String> environment) {
        this.namespace = words(namespace);
        this.environment = environment;
    }

    /** Without {@code _total}, which is added where it is shown. */
    String counter(Envelope envelope, String name) {
        String words = words(name);
        return whole("counter_event_" + origin(envelope)
                + (words.endsWith("_total") ? words.substring(0, words.length() - "_total".length()) : words));
    }

    String gauge(Envelope envelope, String name) {
        String container = CONTAINER.get(name);
        return whole(container != null ? container : "value_metric_" + origin(envelope) + words(name));
    }

    /** A name of the nozzle's own choice. */
    String own(String name) {
        return whole(name);
    }

    private static String origin(Envelope envelope) {
        String origin = envelope.tag("origin");
        return origin == null || origin.isEmpty() ? "" : words(origin) + "_";
    }

    private String whole(String name) {
        String full = namespace.isEmpty() ? name : namespace + "_" + name;
        return PrometheusNaming.sanitizeMetricName(full.substring(0, Math.min(full.length(), LONGEST_NAME)));
    }

    /** {@code memoryStats.numBytes} becomes {@code memory_stats_num_bytes}. */
    private static String words(String name) {
        return WORD.matcher(name)
                .results()
                .map(MatchResult::group)
                .map(word -> word.toLowerCase(Locale.ROOT))
                .collect(Collectors.joining("_"));
    }

    /** All tags, source and instance; for a gauge its unit, else null. */
    Labels labels(Envelope envelope, String unit) {
        Map<String, String> labels = new TreeMap<>();
        envelope.tags().forEach((name, value) -> put(labels, name, value));
        if (!labels.containsKey("source_id")) {
            put(labels, "source_id", envelope.sourceId());
        }
        put(labels, "instance_id", envelope.instanceId());
        if (unit != null) {
            put(labels, "unit", unit);
        }
        return finish(labels);
    }

    /** These tags only. */
    Labels labels(Envelope envelope, List<String> tags) {
        Map<String, String> labels = new TreeMap<>();
        for (String tag : tags) {
            String value = envelope.tag(tag);
            put(labels, tag, value == null ? "" : value);
        }
        return finish(labels);
    }

    private Labels finish(Map<String, String> labels) {
        ALIASES.forEach((tag, alias) -> {
            String value = labels.get(tag);
            if (value != null) {
                labels.putIfAbsent(alias, value);
            }
        });
        environment.ifPresent(value -> labels.put("environment", value));
        return Labels.of(labels.keySet().toArray(String[]::new), labels.values().toArray(String[]::new));
    }

    /** A label without a value is none. Names that Prometheus keeps for itself, or that become such, are left out. */
    private static void put(Map<String, String> labels, String name, String value) {
        if (value.isEmpty() || name.isEmpty()) {
            return;
        }
        String allowed = name.replaceAll("[^a-zA-Z0-9_]", "_");
        if (!allowed.startsWith("__") && !allowed.equals("le")) {
            labels.put(
                    Character.isDigit(allowed.charAt(0)) ? "_" + allowed : allowed,
                    value.substring(0, Math.min(value.length(), LONGEST_VALUE)));
        }
    }
}
