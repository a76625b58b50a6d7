package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.Diagnostics;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code ledger} and {@code top} against a Doppler and a Traffic Controller. */
class RunningServersReportTest {
    private static final int LINES = 50;

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
    private Doppler doppler;
    private TrafficController trafficController;
    private String dopplerPort;
    private String trafficControllerPort;

    @BeforeEach
    void start() throws Exception {
        Map<String, String> forDoppler = Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        Metrics metrics = new Metrics();
        Readiness readiness = new Readiness();
        doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, forDoppler, null, DopplerSettings::rules), metrics);
        dopplerPort = "127.0.0.1:"
                + Diagnostics.onLoopback(vertx, 0, metrics, readiness)
                        .add(doppler.reports())
                        .start()
                        .await();
        Map<String, String> forTrafficController = Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "TRAFFIC_CONTROLLER_HOST", "127.0.0.1",
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0",
                "GATEWAY_ADDR", "127.0.0.1:0",
                "RLP_PORT", "0",
                "TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0",
                "RLP_METRIC_EMITTER_INTERVAL", "0",
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true",
                "DOPPLER_LINK_ADDRS", "127.0.0.1:" + doppler.linkPort());
        trafficController = TrafficController.start(
                vertx,
                1,
                Settings.load(
                        TrafficControllerSettings.ALL, forTrafficController, null, TrafficControllerSettings::rules),
                new Metrics(),
                readiness);
        trafficControllerPort = "127.0.0.1:"
                + Diagnostics.onLoopback(vertx, 0, new Metrics(), readiness)
                        .add(trafficController.reports())
                        .start()
                        .await();
        await().until(() -> readiness.reasons().isEmpty());
    }

    @AfterEach
    void stop() throws Exception {
        doppler.stopAccepting(Duration.ofSeconds(1));
        trafficController.stop().await(20, TimeUnit.SECONDS);
        doppler.stopReaders().await(20, TimeUnit.SECONDS);
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    private static List<JsonObject> list(JsonObject answer, String name) {
        return answer.getJsonArray(name).stream().map(JsonObject.class::cast).toList();
    }

    private JsonObject ledger(String port) {
        CommandRun run = CommandRun.of("ledger", "--json", port);
        assertThat(run.status()).as(run.err()).isZero();
        return new JsonObject(run.out());
    }

    private void emit() {
        CommandRun run = CommandRun.reading(
                "hello\n".repeat(LINES), "emit", "--app", "loud-app", "--addr", "127.0.0.1:" + doppler.ingressPort());
        assertThat(run.status()).as(run.err()).isZero();
    }

    private CommandRun follow() {
        CommandRun nozzle = CommandRun.of(
                "firehose", "my-nozzle", "--max", "" + LINES, "--addr", "ws://127.0.0.1:" + trafficController.port());
        await().until(() -> !list(ledger(dopplerPort), "subscriptions").isEmpty());
        return nozzle;
    }

    @Test
    void theLedgerTellsWhatTheNozzleHasAndWhoItIs() {
        CommandRun nozzle = CommandRun.of(
                "firehose",
                "my-nozzle",
                "--max",
                "" + 2 * LINES,
                "--addr",
                "ws://127.0.0.1:" + trafficController.port());
        await().until(() -> !list(ledger(dopplerPort), "subscriptions").isEmpty());
        emit();
        await().until(() -> list(ledger(dopplerPort), "subscriptions").get(0).getLong("delivered") == LINES);

        CommandRun run = CommandRun.of("ledger", dopplerPort, trafficControllerPort);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().map(line -> line.replaceAll(" {2,}", "|")))
                .anySatisfy(row -> assertThat(row).isEqualTo("v1 my-nozzle ALL|1|-|-|50|50|0|0|0"))
                .anySatisfy(row -> assertThat(row)
                        .startsWith("firehose my-nozzle ALL|127.0.0.1:")
                        .contains("|50|0|"));
        emit();
        assertThat(nozzle.status()).isZero();
    }

    @Test
    void aNozzleThatHasGoneHasNoClients() {
        CommandRun nozzle = follow();
        emit();
        assertThat(nozzle.status()).isZero();

        await().untilAsserted(() -> assertThat(list(ledger(dopplerPort), "subscriptions"))
                .singleElement()
                .satisfies(told -> assertThat(told.getLong("clients")).isZero()));
        await().untilAsserted(() ->
                assertThat(list(ledger(trafficControllerPort), "clients")).isEmpty());
    }

    @Test
    void topNamesTheLoudest() {
        emit();

        CommandRun run = CommandRun.of("top", dopplerPort);

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().skip(1).map(line -> line.replaceAll(" {2,}", "|")))
                .hasSize(2)
                .last()
                .satisfies(row -> assertThat(row).startsWith("loud-app|").endsWith("|100.0%|0|0"));
    }
}
