package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.MetricTable;
import io.loggregator.wire.ProtoBytes;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** Values that go up and down, measured together. */
public final class Gauge extends Envelope {
    private static final int METRICS = 1 << 3 | ProtoBytes.DELIMITED;

    /**
     * What was measured.
     *
     * @param value any number, also none (NaN)
     * @param unit such as {@code bytes}; may be empty
     */
    public record Metric(double value, String unit) {}

    Gauge(BatchCursor at) {
        super(at);
    }

    /** The metrics by name, in the order in which they were sent. Made anew by every call; it cannot be changed. */
    public Map<String, Metric> metrics() {
        MetricTable table = table();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        for (int i = 0; i < table.count(); i++) {
            metrics.put(
                    Texts.of(bytes, table.nameStart(i), table.nameEnd(i)),
                    new Metric(table.value(i), Texts.of(bytes, table.unitStart(i), table.unitEnd(i))));
        }
        return Collections.unmodifiableMap(metrics);
    }

    /** The value of one metric, if it is there. Cheaper than making the map. */
    public OptionalDouble value(String name) {
        MetricTable table = table();
        int metric = table.find(name.getBytes(StandardCharsets.UTF_8));
        return metric < 0 ? OptionalDouble.empty() : OptionalDouble.of(table.value(metric));
    }

    private MetricTable table() {
        // A metric takes three bytes at least.
        MetricTable table = new MetricTable(Math.max(1, (messageEnd - messageStart) / 2));
        table.reset(bytes);
        int p = messageStart;
        while (p < messageEnd) {
            long tag = ProtoBytes.tag(bytes, p, messageEnd);
            p = Fields.next(bytes, messageEnd, tag);
            if (ProtoBytes.low(tag) == METRICS) {
                table.metric(ProtoBytes.high(ProtoBytes.span(bytes, ProtoBytes.high(tag), messageEnd)), p);
            }
        }
        return table;
    }
}
