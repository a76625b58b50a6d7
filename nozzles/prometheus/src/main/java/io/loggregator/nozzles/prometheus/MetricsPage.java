package io.loggregator.nozzles.prometheus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.loggregator.node.settings.HostPort;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Gap;
import io.loggregator.nozzles.runner.Destination;
import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves {@code GET /metrics}: the values that were received, in the Prometheus text format. */
final class MetricsPage implements Destination {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsPage.class);
    private static final int BACKLOG = 16;
    private static final int THREADS = 2;

    private final HttpServer server;
    private final ExecutorService threads;
    private final Recorder recorder;
    private final SeriesStore store;
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final LongAdder envelopes = new LongAdder();
    private final LongAdder lost = new LongAdder();

    /** @throws IOException it cannot listen there */
    MetricsPage(HostPort address, Recorder recorder, SeriesStore store) throws IOException {
        this.recorder = recorder;
        this.store = store;
        try {
            server = HttpServer.create(new InetSocketAddress(address.host(), address.port()), BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    PrometheusNozzle.LISTEN.name() + ": " + address + " cannot be listened at: " + e.getMessage(), e);
        }
        threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "metrics-page");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        LOG.info("http bound to: {}", new HostPort(address.host(), port()));
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public CompletionStage<?> handle(Batch batch) {
        batch.forEach(recorder::record);
        envelopes.add(batch.size());
        return BatchHandler.done();
    }

    @Override
    public void gap(Gap gap) {
        lost.add(gap.count().orElse(0));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!head && !exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            boolean found = exchange.getRequestURI().getPath().equals("/metrics");
            byte[] body = found ? page() : "not found; there is /metrics\n".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("Content-Type", found ? PrometheusTextFormatWriter.CONTENT_TYPE : "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(found ? 200 : 404, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private byte[] page() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64 << 10);
        List<MetricSnapshot> own = List.of(
                gauge("nozzle_series", "Time series that are kept.", store.size()),
                counter(
                        "nozzle_series_refused",
                        "Values left out because PROMETHEUS_SERIES_LIMIT was reached.",
                        store.refused()),
                counter("nozzle_envelopes", "Envelopes that came.", envelopes.sum()),
                counter("nozzle_lost_envelopes", "Envelopes that gaps in the stream were about.", lost.sum()));
        writer.write(out, store.snapshot(own), EscapingScheme.UNDERSCORE_ESCAPING);
        return out.toByteArray();
    }

    private MetricSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(recorder.names().own(name))
                .help(help)
                .dataPoint(new GaugeSnapshot.GaugeDataPointSnapshot(value, Labels.EMPTY, null))
                .build();
    }

    private MetricSnapshot counter(String name, String help, long value) {
        return CounterSnapshot.builder()
                .name(recorder.names().own(name))
                .help(help)
                .dataPoint(new CounterSnapshot.CounterDataPointSnapshot((double) value, Labels.EMPTY, null, 0))
                .build();
    }

    @Override
    public String status() {
        return store.size() + " series at port " + port() + ", " + store.refused() + " values over the limit, "
                + recorder.leftOut();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
