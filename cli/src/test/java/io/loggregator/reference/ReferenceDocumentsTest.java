package io.loggregator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.Readiness;
import io.loggregator.node.metrics.Described;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.settings.SettingsReference;
import io.loggregator.trafficcontroller.RlpSettings;
import io.loggregator.trafficcontroller.TrafficController;
import io.loggregator.trafficcontroller.TrafficControllerSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The documents that are generated from what the servers declare; this class writes them, too. */
@Timeout(60)
class ReferenceDocumentsTest {
    private static final String WRITE = "loggregator.docs.write";
    private static final String HOW_TO_WRITE = "generated; to write it again: mvn -pl cli -am test"
            + " -Dtest=ReferenceDocumentsTest -Dsurefire.failIfNoSpecifiedTests=false -D" + WRITE + "=true";

    @TempDir
    private Path directory;

    @Test
    void settingsAreDocumentedAsTheyAreDeclared() throws IOException {
        check("settings.md", """
                # Settings

                <!-- %s -->

                Every setting is an environment variable. `--settings FILE` reads a properties or YAML file with the same
                names as keys; the environment wins over the file. All settings are checked at start: a server with
                problems lists every one of them and ends with exit code 78. `--check` only checks them.

                %s
                %s
                %s""".formatted(
                        HOW_TO_WRITE,
                        SettingsReference.markdown("Doppler", DopplerSettings.ALL),
                        SettingsReference.markdown("Traffic Controller", TrafficControllerSettings.ALL),
                        SettingsReference.markdown("Reverse Log Proxy (`rlp`)", RlpSettings.ALL)));
    }

    @Test
    void metricsAreDocumentedAsTheServersDeclareThem() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            check("metrics.md", """
                    # Metrics

                    <!-- %s -->

                    Each server shows its metrics at `/metrics` of its diagnostics port, in the Prometheus text format. Beside
                    those listed here, there are the JVM's own: `jvm_*` and `process_*`. A Reverse Log Proxy (`rlp`) has those
                    of a Traffic Controller.

                    %s
                    %s""".formatted(
                            HOW_TO_WRITE,
                            Metrics.markdown("Doppler", ofDoppler(vertx)),
                            Metrics.markdown("Traffic Controller", ofTrafficController(vertx))));
        } finally {
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }

    private List<Described> ofDoppler(Vertx vertx) throws Exception {
        Metrics metrics = new Metrics();
        Map<String, String> environment = Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "RATE_LIMITS_FILE",
                        Files.createFile(directory.resolve("limits.yml")).toString());
        Doppler doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, environment, null, DopplerSettings::rules), metrics);
        doppler.stopAccepting(Duration.ofSeconds(2));
        return metrics.described();
    }

    private static List<Described> ofTrafficController(Vertx vertx) throws Exception {
        Metrics metrics = new Metrics();
        Map<String, String> environment = Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true",
                "TRAFFIC_CONTROLLER_HOST", "127.0.0.1",
                "TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0",
                "GATEWAY_ADDR", "127.0.0.1:0",
                "RLP_PORT", "0",
                "DOPPLER_LINK_ADDRS", "127.0.0.1:1");
        TrafficController.start(
                vertx,
                1,
                Settings.load(TrafficControllerSettings.ALL, environment, null, TrafficControllerSettings::rules),
                metrics,
                new Readiness());
        return metrics.described();
    }

    private static void check(String name, String expected) throws IOException {
        Path document = Path.of("..", "docs", name);
        if (Boolean.getBoolean(WRITE)) {
            Files.createDirectories(document.getParent());
            Files.writeString(document, expected);
        }
        assertThat(document).as(HOW_TO_WRITE).exists();
        assertThat(Files.readString(document))
                .as("docs/%s is %s", name, HOW_TO_WRITE)
                .isEqualTo(expected);
    }
}
