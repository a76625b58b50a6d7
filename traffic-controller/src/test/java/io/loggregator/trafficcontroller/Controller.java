package io.loggregator.trafficcontroller;

import io.loggregator.node.Diagnostics;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.fanout.Timing;
import io.loggregator.trafficcontroller.link.FakeDoppler;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A real Traffic Controller on one event loop, in plain text, and what a test wants to know about it. */
final class Controller implements AutoCloseable {
    static final Duration TICK = Duration.ofMillis(20);
    /** Real time, but clients are looked after more often. */
    static final Timing TIMING = new Timing(System::nanoTime, TICK);

    private final TrafficController running;
    private final Metrics metrics = new Metrics();
    private final Readiness readiness = new Readiness();
    private final Vertx vertx;
    private int diagnosticsPort;
    private boolean stopped;

    private Controller(Vertx vertx, Map<String, String> environment, Timing timing) throws Exception {
        this.vertx = vertx;
        Settings settings =
                Settings.load(TrafficControllerSettings.ALL, environment, null, TrafficControllerSettings::rules);
        running = TrafficController.start(vertx, 1, settings, metrics, readiness, timing);
    }

    static Controller start(Vertx vertx, FakeDoppler... dopplers) throws Exception {
        return start(vertx, TIMING, Map.of(), dopplers);
    }

    /** Starts one whose time is the test's. */
    static Controller start(Vertx vertx, TestClock clock, Map<String, String> more, FakeDoppler... dopplers)
            throws Exception {
        return start(vertx, new Timing(clock, TICK), more, dopplers);
    }

    /** Starts one that is linked to these Dopplers. */
    static Controller start(Vertx vertx, Timing timing, Map<String, String> more, FakeDoppler... dopplers)
            throws Exception {
        int[] others =
                Stream.of(dopplers).mapToInt(doppler -> doppler.links().size()).toArray();
        Controller controller = new Controller(vertx, environment(more, dopplers), timing);
        for (int i = 0; i < dopplers.length; i++) {
            dopplers[i].linkedAfter(others[i]);
        }
        return controller;
    }

    static Map<String, String> environment(Map<String, String> more, FakeDoppler... dopplers) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "RLP_PORT", "0",
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true",
                "TRAFFIC_CONTROLLER_HOST", "127.0.0.1",
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0",
                "GATEWAY_ADDR", "127.0.0.1:0",
                "DOPPLER_LINK_ADDRS",
                        Stream.of(dopplers).map(FakeDoppler::address).collect(Collectors.joining(","))));
        environment.putAll(more);
        return environment;
    }

    int port() {
        return running.port();
    }

    int rlpPort() {
        return running.rlpPort();
    }

    int gatewayPort() {
        return running.gatewayPort();
    }

    Readiness readiness() {
        return readiness;
    }

    /** Serves the diagnostics port and asks it, as {@code /ledger?limit=1}. */
    HttpResponse<String> ask(String target) throws Exception {
        if (diagnosticsPort == 0) {
            Diagnostics diagnostics = Diagnostics.onLoopback(vertx, 0, metrics, readiness);
            diagnosticsPort = diagnostics.add(running.reports()).start().await();
        }
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + diagnosticsPort + target))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** The value of a series, as {@code name_total{label="value"}}; 0 if it is not there. */
    long metric(String series) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElse(0);
    }

    /** Why envelopes did not reach app streams. */
    long dropped(String reason) {
        return metric("dropped_total{direction=\"egress\",place=\"stream\",reason=\"" + reason + "\"}");
    }

    /** Stops it, once. */
    void stop() {
        if (!stopped) {
            stopped = true;
            running.stop().await();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
