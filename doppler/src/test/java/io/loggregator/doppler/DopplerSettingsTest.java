package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Problem;
import io.loggregator.node.settings.Setting;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DopplerSettingsTest {
    private static final Map<String, String> INSECURE = Map.of("LOGGREGATOR_INSECURE", "true");

    @Test
    void everyProblemIsListed() {
        Map<String, String> environment = new HashMap<>();
        for (Setting<?> setting : DopplerSettings.ALL) {
            if (!setting.isObsolete() && !List.of("text", "names").contains(setting.type())) {
                environment.put(setting.name(), "wrong");
            }
        }

        assertThat(problems(environment))
                .extracting(Problem::setting)
                .containsExactlyInAnyOrderElementsOf(environment.keySet());
    }

    @Test
    void namesOfClientsNeedCertificatesToBeIn() {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("ROUTER_CLIENT_NAMES", "metron");
        environment.put("DOPPLER_LINK_CLIENT_NAMES", "a,,b");
        assertThat(problems(environment))
                .extracting(Problem::setting)
                .contains("ROUTER_CLIENT_NAMES", "DOPPLER_LINK_CLIENT_NAMES");
    }

    @Test
    void valuesOutOfRangeAreProblems() {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("ROUTER_PORT", "65536");
        environment.put("LOG_BYTES", "3MiB");
        environment.put("DOPPLER_RECENT_LOGS", "-1");
        environment.put("DOPPLER_RECENT_BYTES", "17GiB");
        environment.put("LINK_PING_INTERVAL", "99ms");
        environment.put("EVENT_LOOPS", "0");
        environment.put("STOP_TIMEOUT", "1h");

        List<Problem> problems = problems(environment);

        assertThat(problems)
                .extracting(Problem::setting)
                .containsExactlyInAnyOrder(
                        "ROUTER_PORT",
                        "LOG_BYTES",
                        "DOPPLER_RECENT_LOGS",
                        "DOPPLER_RECENT_BYTES",
                        "LINK_PING_INTERVAL",
                        "EVENT_LOOPS",
                        "STOP_TIMEOUT");
        assertThat(problems)
                .extracting(Problem::toString)
                .contains("ROUTER_PORT: \"65536\" (expected: a port, 0 to 65535)");
    }

    @Test
    void datagramsNeedASecretUnlessItIsSaidThatTheyHaveNone() {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("DOPPLER_UDP_PORT", "0");
        assertThat(problems(environment)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("DOPPLER_SHARED_SECRET");
            assertThat(problem.expected()).contains("DOPPLER_UDP_PORT is set", "DOPPLER_UDP_UNSIGNED=true");
        });
        environment.put("DOPPLER_UDP_UNSIGNED", "true");
        environment.put("DOPPLER_SHARED_SECRET", "a secret");
        assertThat(problems(environment)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("DOPPLER_UDP_UNSIGNED");
            assertThat(problem.toString()).doesNotContain("a secret");
        });
    }

    @Test
    void framesInPlainTextHaveToBePermitted() {
        Map<String, String> environment = Map.of("DOPPLER_TCP_PORT", "3458");
        assertThat(problems(environment))
                .extracting(Problem::setting)
                .containsExactlyInAnyOrder("DOPPLER_TCP_PORT", "ROUTER_CERT_FILE");
        assertThat(problems(Map.of("DOPPLER_TCP_PORT", "3458", "DOPPLER_TCP_PLAINTEXT", "true")))
                .extracting(Problem::setting)
                .containsExactly("ROUTER_CERT_FILE");
    }

    @Test
    void framesOverTlsNeedCertificates() {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("DOPPLER_TLS_PORT", "3459");
        assertThat(problems(environment))
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.toString()).contains("ROUTER_CERT_FILE", "DOPPLER_TLS_PORT is set"));
    }

    @Test
    void mutualTlsIsRequired() {
        assertThat(problems(Map.of())).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("ROUTER_CERT_FILE");
            assertThat(problem.expected()).contains("mutual TLS is required", "LOGGREGATOR_INSECURE=true");
        });
    }

    @Test
    void certificateKeyAndAuthorityBelongTogether(@TempDir Path directory) {
        Map<String, String> environment = new HashMap<>(new Certificates(directory, "ca").settings());
        environment.remove("ROUTER_KEY_FILE");

        assertThat(problems(environment)).extracting(Problem::setting).contains("ROUTER_KEY_FILE");
    }

    @Test
    void plainTextIsSaidLoudly() throws InvalidSettings {
        assertThat(RunningDoppler.settings(INSECURE).warnings())
                .singleElement()
                .asString()
                .contains("LOGGREGATOR_INSECURE", "PLAIN TEXT");
    }

    @Test
    void withCertificatesAndTheNamesOfTrafficControllersThereIsNothingToSay(@TempDir Path directory)
            throws InvalidSettings {
        Map<String, String> environment = new HashMap<>(new Certificates(directory, "ca").settings());
        environment.put("DOPPLER_LINK_CLIENT_NAMES", "trafficcontroller");

        assertThat(RunningDoppler.settings(environment).warnings()).isEmpty();
    }

    @Test
    void thatEveryCertificateOpensTheLinkIsSaid(@TempDir Path directory) throws InvalidSettings {
        assertThat(RunningDoppler.settings(new Certificates(directory, "ca").settings())
                        .warnings())
                .singleElement()
                .asString()
                .contains("agents included", "DOPPLER_LINK_CLIENT_NAMES=trafficcontroller");
    }

    @Test
    void settingsOfTheGoReleaseThatMeanNothingAreSaidToHaveNoEffect() throws InvalidSettings {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("INGRESS_BUFFER_SIZE", "10000");

        assertThat(RunningDoppler.settings(environment).warnings())
                .anyMatch(warning -> warning.startsWith("INGRESS_BUFFER_SIZE has no effect"));
    }

    @Test
    void anIngressPortInUseNamesItsSetting() throws Exception {
        aPortInUseNames("ROUTER_PORT");
    }

    @Test
    void aLinkPortInUseNamesItsSetting() throws Exception {
        aPortInUseNames("DOPPLER_LINK_PORT");
    }

    private static void aPortInUseNames(String setting) throws Exception {
        Vertx vertx = Vertx.vertx();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> environment = new HashMap<>(INSECURE);
            environment.put(setting, Integer.toString(taken.getLocalPort()));

            assertThatThrownBy(() -> Doppler.start(vertx, RunningDoppler.settings(environment), new Metrics()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(setting + ": port " + taken.getLocalPort() + " on 127.0.0.1 is in use");
        } finally {
            RunningDoppler.await(vertx.close());
        }
    }

    @Test
    void theSmallestAndTheLargestValuesStart() {
        Map<String, String> smallest = new HashMap<>(INSECURE);
        smallest.put("LOG_BYTES", "4MiB");
        smallest.put("DOPPLER_RECENT_LOGS", "0");
        smallest.put("DOPPLER_RECENT_BYTES", "16MiB");
        smallest.put("DOPPLER_CONTAINER_METRIC_TTL", "1s");
        smallest.put("DOPPLER_SOURCE_IDLE", "1s");
        smallest.put("DOPPLER_LINK_BUFFER", "256KiB");
        smallest.put("LINK_PING_INTERVAL", "100ms");
        Map<String, String> largest = new HashMap<>(INSECURE);
        largest.put("LOG_BYTES", Long.toString(Runtime.getRuntime().maxMemory() / 2));
        largest.put("DOPPLER_RECENT_LOGS", "100000");
        largest.put("DOPPLER_CONTAINER_METRIC_TTL", "24h");
        largest.put("DOPPLER_SOURCE_IDLE", "720h");
        largest.put("DOPPLER_LINK_BUFFER", "256MiB");
        largest.put("LINK_PING_INTERVAL", "5m");

        for (Map<String, String> settings : List.of(smallest, largest)) {
            try (RunningDoppler doppler = RunningDoppler.start(4, settings)) {
                assertThat(doppler.ingressPort()).isPositive();
            }
        }
    }

    @Test
    void budgetsThatTheHeapCannotHoldAreAProblem() {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("LOG_BYTES", "1024GiB");

        assertThat(problems(environment)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("LOG_BYTES");
            assertThat(problem.expected()).contains("four fifths of the heap", "LOGGREGATOR_JAVA_OPTS=-Xmx");
        });
    }

    @Test
    void whatWaitsForReadersAndFramesInPartAreAmongThoseBudgets() {
        String half = Runtime.getRuntime().maxMemory() / 2 + "";
        for (Map<String, String> more : List.of(
                Map.of("DOPPLER_EGRESS_BYTES", half),
                Map.of("DOPPLER_FRAME_PARTIAL_BYTES", half, "DOPPLER_TCP_PORT", "0"))) {
            Map<String, String> environment = new HashMap<>(INSECURE);
            environment.put("LOG_BYTES", half);
            environment.putAll(more);
            assertThat(problems(environment))
                    .extracting(problem -> problem.setting())
                    .containsExactly("LOG_BYTES");
        }
    }

    @Test
    void aDelayOfMoreThanHalfTheStopIsAProblem() {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("STOP_DELAY", "16s");
        environment.put("STOP_TIMEOUT", "30s");

        assertThat(problems(environment)).singleElement().satisfies(problem -> {
            assertThat(problem.setting()).isEqualTo("STOP_DELAY");
            assertThat(problem.expected())
                    .isEqualTo("at most half of STOP_TIMEOUT, which is 30s; STOP_TIMEOUT=32s would fit");
        });
    }

    @Test
    void connectionsThatAreOldAtOnceAreAProblem() throws InvalidSettings {
        Map<String, String> environment = new HashMap<>(INSECURE);
        environment.put("INGRESS_MAX_AGE", "1999ms");

        assertThat(problems(environment))
                .singleElement()
                .returns("INGRESS_MAX_AGE", Problem::setting)
                .returns("0 for never, or at least 2s", Problem::expected);
        environment.put("INGRESS_MAX_AGE", "0s");
        environment.put("STOP_DELAY", "15s");
        RunningDoppler.settings(environment);
    }

    private static List<Problem> problems(Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(environment);
        InvalidSettings invalid = catchThrowableOfType(InvalidSettings.class, () -> RunningDoppler.settings(all));
        assertThat(invalid).as("no problem was found").isNotNull();
        return invalid.problems();
    }
}
