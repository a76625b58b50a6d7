package io.loggregator.endtoend;

import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.Diagnostics;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.HostPort;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a load balancer of the tests stands in front of: a Doppler, and two Traffic Controllers with TLS and a security
 * event log, on the same ports of two addresses of the loopback network. They trust 127.0.0.1.
 */
final class BalancedServers implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);
    static final int COUNT = 2;
    private static final long LIMIT_SECONDS = LIMIT.toSeconds();

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
    private final Path directory;
    private final Certificates certificates;
    private final Doppler doppler;
    private final List<One> trafficControllers = new ArrayList<>();
    private final int port = LoadBalancer.freePort();
    private final int healthPort = LoadBalancer.freePort();

    private record One(
            TrafficController server, Diagnostics diagnostics, Metrics metrics, AtomicBoolean healthy, Path events) {}

    BalancedServers(Path directory) throws Exception {
        this.directory = directory;
        certificates = new Certificates(directory);
        Map<String, String> forDoppler = new HashMap<>(certificates.ofDoppler());
        forDoppler.putAll(Map.of(
                "DOPPLER_HOST",
                "127.0.0.1",
                "ROUTER_PORT",
                "0",
                "DOPPLER_LINK_PORT",
                "0",
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS",
                "0"));
        doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, forDoppler, null, DopplerSettings::rules), new Metrics());
        for (int i = 0; i < COUNT; i++) {
            trafficControllers.add(start(i));
        }
        await().atMost(LIMIT)
                .until(() -> trafficControllers.stream()
                        .allMatch(one -> one.metrics().scrape().contains("\ndoppler_links 1.0\n")));
    }

    private One start(int i) throws Exception {
        Path events = directory.resolve("events-" + i + ".log");
        Map<String, String> settings = new HashMap<>(certificates.ofTrafficController());
        settings.putAll(Map.of(
                "TRAFFIC_CONTROLLER_HOST",
                host(i),
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT",
                Integer.toString(port),
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL",
                "true",
                "DOPPLER_LINK_ADDRS",
                "127.0.0.1:" + doppler.linkPort(),
                "TRUSTED_PROXIES",
                "127.0.0.1",
                "PROXY_PROTOCOL",
                "accept",
                "TRAFFIC_CONTROLLER_SECURITY_EVENT_LOG",
                events.toString(),
                "TRAFFIC_CONTROLLER_IP",
                host(i)));
        settings.put("GATEWAY_ADDR", host(i) + ":0");
        settings.put("RLP_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0");
        settings.put("RLP_METRIC_EMITTER_INTERVAL", "0");
        Metrics metrics = new Metrics();
        Readiness readiness = new Readiness();
        AtomicBoolean healthy = new AtomicBoolean(true);
        readiness.check("test", () -> healthy.get() ? Optional.empty() : Optional.of("told so"));
        TrafficController server = TrafficController.start(
                vertx,
                1,
                Settings.load(TrafficControllerSettings.ALL, settings, null, TrafficControllerSettings::rules),
                metrics,
                readiness);
        Diagnostics diagnostics = new Diagnostics(vertx, new HostPort(host(i), healthPort), metrics, readiness);
        within(diagnostics.start());
        return new One(server, diagnostics, metrics, healthy, events);
    }

    /** The address of a Traffic Controller. */
    static String host(int trafficController) {
        return "127.0.0." + (2 + trafficController);
    }

    int port() {
        return port;
    }

    int healthPort() {
        return healthPort;
    }

    Vertx vertx() {
        return vertx;
    }

    /** Where {@code edge.crt}, {@code edge.key} and {@code ca.crt} are. */
    Path certificates() {
        return directory;
    }

    Path authorityFile() {
        return certificates.authorityFile();
    }

    Agent agent() throws IOException {
        return new Agent(doppler.ingressPort(), certificates.ofAgent());
    }

    /** What a Traffic Controller says about itself to whoever asks for its readiness. */
    void setHealthy(int trafficController, boolean healthy) {
        trafficControllers.get(trafficController).healthy().set(healthy);
    }

    /** The security events of a Traffic Controller in which this occurs. */
    List<String> events(int trafficController, String text) {
        try {
            return Files.readAllLines(trafficControllers.get(trafficController).events()).stream()
                    .filter(line -> line.contains(text))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first security event of any Traffic Controller in which this occurs. */
    String event(String text) {
        List<String> found = new ArrayList<>();
        await().atMost(LIMIT).until(() -> {
            for (int i = 0; i < COUNT; i++) {
                found.addAll(events(i, text));
            }
            return !found.isEmpty();
        });
        return found.get(0);
    }

    static <T> T within(Future<T> future) throws TimeoutException {
        return future.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws TimeoutException {
        for (One one : trafficControllers) {
            within(one.server().stop());
            within(one.diagnostics().stop());
        }
        doppler.stopAccepting(LIMIT);
        within(doppler.stopReaders());
        within(vertx.close());
    }
}
