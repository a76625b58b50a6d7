package io.loggregator.nozzles.prometheus;

import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.NozzleCommand;
import io.loggregator.nozzles.runner.NozzleProgram;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** {@code ./loggregator nozzle prometheus}. */
public final class PrometheusNozzle implements NozzleProgram {
    static final Setting<HostPort> LISTEN = Setting.listen(
            "PROMETHEUS_LISTEN_ADDR",
            "127.0.0.1:9186",
            "where /metrics is served, in plain text and to anybody; port 0 = any free one");
    static final Setting<String> NAMESPACE =
            Setting.text("PROMETHEUS_NAMESPACE", "firehose", "what the names of all metrics begin with");
    static final Setting<String> ENVIRONMENT =
            Setting.text("PROMETHEUS_ENVIRONMENT", null, "value of a label environment that all metrics have");
    static final Setting<List<String>> HTTP_LABELS = Setting.names(
            "PROMETHEUS_HTTP_TAGS",
            "tags that requests are told apart by; without it app_id, app_name, organization_name, space_name and status_code");
    static final Setting<Integer> SERIES_LIMIT = Setting.integer(
            "PROMETHEUS_SERIES_LIMIT",
            100_000,
            100,
            10_000_000,
            "time series at most; what is of further ones is counted and left out");
    static final Setting<Duration> EXPIRATION = Setting.duration(
            "PROMETHEUS_EXPIRATION",
            Duration.ofMinutes(10),
            Duration.ofSeconds(1),
            Duration.ofDays(7),
            "a series ends when nothing came for so long");

    static final List<String> USUAL_HTTP_LABELS =
            List.of("app_id", "app_name", "organization_name", "space_name", "status_code");

    public static void main(String[] args) {
        NozzleCommand.main(new PrometheusNozzle(), args);
    }

    @Override
    public String name() {
        return "prometheus";
    }

    @Override
    public String description() {
        return "Shows the latest values of counters and gauges, and HTTP requests as histograms, to Prometheus, with the "
                + "names and labels of firehose_exporter.";
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(LISTEN, NAMESPACE, ENVIRONMENT, HTTP_LABELS, SERIES_LIMIT, EXPIRATION);
    }

    @Override
    public List<Selector> selectors(Settings settings) {
        return List.of(Selector.counters(), Selector.gauges(), Selector.timers());
    }

    @Override
    public Destination open(Settings settings) throws IOException {
        SeriesStore store = new SeriesStore(settings.get(SERIES_LIMIT), settings.get(EXPIRATION), System::nanoTime);
        MetricNames names = new MetricNames(
                settings.get(NAMESPACE), settings.find(ENVIRONMENT).filter(text -> !text.isEmpty()));
        List<String> httpLabels = settings.find(HTTP_LABELS).orElse(USUAL_HTTP_LABELS);
        return new MetricsPage(settings.get(LISTEN), new Recorder(store, names, httpLabels), store);
    }
}
