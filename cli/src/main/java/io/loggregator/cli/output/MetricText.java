package io.loggregator.cli.output;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;

/** What a metric says, in words short enough for one line. */
final class MetricText {
    private static final String[] BYTE_UNITS = {"B", "K", "M", "G", "T", "P", "E"};

    private MetricText() {}

    /** The kind in capitals, as wide as it needs to be. */
    static String kind(Envelope envelope) {
        return switch (envelope.getEventType()) {
            case HttpStartStop -> "HTTP";
            case LogMessage -> "LOG";
            case ValueMetric -> "GAUGE";
            case CounterEvent -> "COUNTER";
            case Error -> "ERROR";
            case ContainerMetric -> "CONTAINER";
        };
    }

    /** The app it is about, else the component it comes from. */
    static String source(Envelope envelope) {
        if (envelope.hasContainerMetric()) {
            return envelope.getContainerMetric().getApplicationId();
        }
        if (envelope.hasHttpStartStop() && envelope.getHttpStartStop().hasApplicationId()) {
            return JsonFormat.uuid(envelope.getHttpStartStop().getApplicationId())
                    .toString();
        }
        return envelope.getTagsOrDefault("source_id", envelope.getOrigin());
    }

    static String describe(Envelope envelope) {
        String text;
        if (envelope.hasContainerMetric()) {
            text = container(envelope.getContainerMetric());
        } else if (envelope.hasHttpStartStop()) {
            text = http(envelope.getHttpStartStop());
        } else if (envelope.hasCounterEvent()) {
            text = counter(envelope.getCounterEvent());
        } else if (envelope.hasValueMetric()) {
            text = value(envelope.getValueMetric());
        } else if (envelope.hasError()) {
            text = envelope.getError().getSource() + " " + envelope.getError().getCode() + ": "
                    + envelope.getError().getMessage();
        } else {
            text = "(empty)";
        }
        // One metric is one line, whatever its strings hold.
        return LogText.visible(text + tags(envelope));
    }

    private static String container(ContainerMetric metric) {
        return String.format(
                Locale.ROOT,
                "instance %d: cpu %.1f%%, memory %s, disk %s",
                metric.getInstanceIndex(),
                metric.getCpuPercentage(),
                ofQuota(metric.getMemoryBytes(), metric.hasMemoryBytesQuota(), metric.getMemoryBytesQuota()),
                ofQuota(metric.getDiskBytes(), metric.hasDiskBytesQuota(), metric.getDiskBytesQuota()));
    }

    private static String http(HttpStartStop http) {
        return String.format(
                Locale.ROOT,
                "%s %s -> %d, %s, %.2f ms (%s)",
                http.getMethod(),
                http.getUri(),
                http.getStatusCode(),
                bytes(http.getContentLength()),
                (http.getStopTimestamp() - http.getStartTimestamp()) / 1e6,
                http.getPeerType());
    }

    private static String counter(CounterEvent counter) {
        return counter.getName() + " +" + Long.toUnsignedString(counter.getDelta())
                + (counter.hasTotal() ? " (total " + Long.toUnsignedString(counter.getTotal()) + ")" : "");
    }

    private static String value(ValueMetric metric) {
        double value = metric.getValue();
        String number = value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
        return metric.getName() + " " + number + (metric.getUnit().isEmpty() ? "" : " " + metric.getUnit());
    }

    private static String tags(Envelope envelope) {
        TreeMap<String, String> tags = new TreeMap<>(envelope.getTagsMap());
        tags.remove("source_id");
        putIfSaid(tags, "deployment", envelope.getDeployment());
        putIfSaid(tags, "job", envelope.getJob());
        putIfSaid(tags, "index", envelope.getIndex());
        if (envelope.hasContainerMetric() || envelope.hasHttpStartStop() || tags.isEmpty()) {
            return "";
        }
        StringBuilder text = new StringBuilder("  {");
        String separator = "";
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            text.append(separator).append(tag.getKey()).append('=').append(tag.getValue());
            separator = " ";
        }
        return text.append('}').toString();
    }

    private static void putIfSaid(Map<String, String> tags, String name, String value) {
        if (!value.isEmpty()) {
            tags.put(name, value);
        }
    }

    private static String ofQuota(long used, boolean hasQuota, long quota) {
        return hasQuota ? bytes(used) + " of " + bytes(quota) : bytes(used);
    }

    /** In powers of 1,024, as the cf CLI counts. The number is unsigned. */
    static String bytes(long bytes) {
        double value = bytes >= 0 ? bytes : bytes + 0x1p64;
        int unit = 0;
        while (value >= 1024 && unit < BYTE_UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? (long) value + "B" : String.format(Locale.ROOT, "%.1f%s", value, BYTE_UNITS[unit]);
    }
}
