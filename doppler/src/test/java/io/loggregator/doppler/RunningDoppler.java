package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.Diagnostics;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.InvalidTlsMaterial;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;

/** A Doppler on free ports of the loopback interface, with its metrics. */
final class RunningDoppler implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final Vertx vertx;
    private final Metrics metrics = new Metrics();
    private final Doppler doppler;
    private int diagnosticsPort;

    private RunningDoppler(int lanes, Settings settings) throws IOException, InvalidTlsMaterial {
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(lanes));
        doppler = Doppler.start(vertx, settings, metrics);
    }

    /** One lane, plain text, with more settings given as names and values in turn. */
    static RunningDoppler plain(String... more) {
        return plain(1, more);
    }

    static RunningDoppler plain(int lanes, String... more) {
        Map<String, String> environment = new HashMap<>(Map.of("LOGGREGATOR_INSECURE", "true"));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return start(lanes, environment);
    }

    static RunningDoppler start(int lanes, Map<String, String> environment) {
        try {
            return new RunningDoppler(lanes, settings(environment));
        } catch (InvalidSettings | IOException | InvalidTlsMaterial e) {
            throw new AssertionError(e);
        }
    }

    /** Checked settings: free ports of the loopback interface, and what is given. */
    static Settings settings(Map<String, String> environment) throws InvalidSettings {
        Map<String, String> all = new HashMap<>(environment);
        all.putIfAbsent("ROUTER_PORT", "0");
        all.putIfAbsent("DOPPLER_LINK_PORT", "0");
        // What is taken in is counted by many a test.
        all.putIfAbsent("ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        all.putIfAbsent("DOPPLER_HOST", "127.0.0.1");
        return Settings.load(DopplerSettings.ALL, all, null, DopplerSettings::rules);
    }

    Doppler doppler() {
        return doppler;
    }

    /** Takes no more in; as long as streams may take for that. */
    void stopAccepting() {
        doppler.stopAccepting(Duration.ofSeconds(2));
    }

    int ingressPort() {
        return doppler.ingressPort();
    }

    int linkPort() {
        return doppler.linkPort();
    }

    /** Serves the diagnostics port and asks it, as {@code /ledger?limit=1}. */
    HttpResponse<String> ask(String target) {
        if (diagnosticsPort == 0) {
            Diagnostics diagnostics = Diagnostics.onLoopback(vertx, 0, metrics, new Readiness());
            diagnosticsPort = await(diagnostics.add(doppler.reports()).start());
        }
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + diagnosticsPort + target))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The sum of a metric's series that bear all these labels, each written {@code name="value"}. */
    long metric(String name, String... labels) {
        return (long) metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Waits until what the groups were to get is what they got and what they lost. */
    void balances() {
        eventually(() -> assertThat(books("accepted"))
                .isEqualTo(books("delivered")
                        + books("lapped")
                        + books("thinned")
                        + books("unconfirmed")
                        + books("abandoned")));
    }

    private long books(String what) {
        return metric("subscription_envelopes_total", "what=\"" + what + "\"");
    }

    /** Waits until an assertion holds. */
    static void eventually(ThrowingRunnable assertion) {
        Awaitility.await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).untilAsserted(assertion);
    }

    static <T> T await(Future<T> future) {
        try {
            return future.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("nothing happened in " + PATIENCE_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        stopAccepting();
        // Some tests have done so.
        await(doppler.stopReaders().otherwiseEmpty());
        await(vertx.close());
    }
}
