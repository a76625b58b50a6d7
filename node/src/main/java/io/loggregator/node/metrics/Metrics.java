package io.loggregator.node.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of one server: those it declares here, and the JVM's own. Names are {@code [a-zA-Z_][a-zA-Z0-9_]*}; a
 * counter is exposed with {@code _total} at its end, whether declared so or not. Safe for use by any thread.
 *
 * <p>Declaring a name twice, whatever the kind, is an {@link IllegalArgumentException}.
 */
public final class Metrics {
    /** The content type of {@link #scrape()}. */
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private static final Logger LOG = LoggerFactory.getLogger(Metrics.class);
    private static final Pattern NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
    private static final String TOTAL = "_total";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer =
            PrometheusTextFormatWriter.builder().build();
    private final Map<String, Described> described = new LinkedHashMap<>(); // guarded by this
    private boolean ofJvm; // guarded by this

    /** Declares a counter. Without labels it is exposed from the start; with labels, each series from its first use. */
    public Counter counter(String name, String help, String... labels) {
        String base = declareCounter(name, help, labels);
        return Counter.builder().name(base).help(help).labelNames(labels).register(registry);
    }

    /** Declares a gauge. */
    public Gauge gauge(String name, String help, String... labels) {
        declare(name, "gauge", help, labels);
        return Gauge.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    /**
     * Declares a gauge whose value is asked for at each scrape, on the scraping thread. A supplier that throws leaves
     * the value out of that scrape.
     */
    public void observedGauge(String name, String help, DoubleSupplier value) {
        declare(name, "gauge", help);
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> observe(name, () -> callback.call(value.getAsDouble())))
                .register(registry);
    }

    /**
     * Declares a counter whose value is asked for at each scrape, on the scraping thread. It must never fall; a supplier
     * that throws leaves the value out of that scrape.
     */
    public void observedCounter(String name, String help, LongSupplier value) {
        String base = declareCounter(name, help);
        CounterWithCallback.builder()
                .name(base)
                .help(help)
                .callback(callback -> observe(name, () -> callback.call((double) value.getAsLong())))
                .register(registry);
    }

    /** Takes the values of a metric with labels, at a scrape. */
    public interface Series {
        /** One value; as many label values, in the same order, as labels were declared. */
        void value(double value, String... labelValues);

        /** The same of a count. */
        default void value(long value, String... labelValues) {
            value((double) value, labelValues);
        }
    }

    /** As {@link #observedCounter}, with labels: the values are asked for all at once. */
    public void observedCounters(String name, String help, Consumer<Series> values, String... labels) {
        String base = declareCounter(name, help, labels);
        CounterWithCallback.builder()
                .name(base)
                .help(help)
                .labelNames(labels)
                .callback(callback ->
                        observe(name, () -> values.accept((value, labelValues) -> callback.call(value, labelValues))))
                .register(registry);
    }

    /** As {@link #observedGauge}, with labels: the values are asked for all at once. */
    public void observedGauges(String name, String help, Consumer<Series> values, String... labels) {
        declare(name, "gauge", help, labels);
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(labels)
                .callback(callback ->
                        observe(name, () -> values.accept((value, labelValues) -> callback.call(value, labelValues))))
                .register(registry);
    }

    /** All values now, in the Prometheus text format 0.0.4. */
    public String scrape() {
        addThoseOfTheJvm();
        ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
        try {
            writer.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail to be written
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** With the first scrape: they bring the JVM's management along, which a start would have to wait for. */
    private synchronized void addThoseOfTheJvm() {
        if (!ofJvm) {
            JvmMetrics.builder().register(registry);
            ofJvm = true;
        }
    }

    /** What was declared here, in that order; the JVM's own metrics are not included. */
    public synchronized List<Described> described() {
        return List.copyOf(described.values());
    }

    /** A section for the documentation: a second-level heading and a table of these metrics. */
    public static String markdown(String title, List<Described> metrics) {
        StringBuilder out = new StringBuilder("## " + title + "\n\n");
        out.append("| metric | kind | labels | meaning |\n| --- | --- | --- | --- |\n");
        for (Described metric : metrics) {
            String labels = metric.labels().isEmpty()
                    ? "–"
                    : metric.labels().stream().map(label -> "`" + label + "`").collect(Collectors.joining(", "));
            out.append("| `")
                    .append(metric.name())
                    .append("` | ")
                    .append(metric.kind())
                    .append(" | ")
                    .append(labels)
                    .append(" | ")
                    .append(metric.help().replace("|", "\\|").replace("\n", " "))
                    .append(" |\n");
        }
        return out.toString();
    }

    private String declareCounter(String name, String help, String... labels) {
        String base = name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
        declare(base + TOTAL, "counter", help, labels);
        return base;
    }

    private synchronized void declare(String exposedName, String kind, String help, String... labels) {
        if (!NAME.matcher(exposedName).matches()) {
            throw new IllegalArgumentException("not a metric name: " + exposedName);
        }
        if (described.containsKey(exposedName)) {
            throw new IllegalArgumentException("the metric " + exposedName + " is declared twice");
        }
        described.put(exposedName, new Described(exposedName, kind, new ArrayList<>(List.of(labels)), help));
    }

    private static void observe(String name, Runnable reading) {
        try {
            reading.run();
        } catch (RuntimeException e) {
            LOG.warn("metric {} could not be read: {}", name, e.toString());
        }
    }
}
