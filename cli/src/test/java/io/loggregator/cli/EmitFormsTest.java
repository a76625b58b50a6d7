package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.settings.Settings;
import io.vertx.core.Vertx;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code emit --v1} and {@code emit --udp}, to a Doppler. */
@Timeout(90)
class EmitFormsTest {
    private static final String SECRET = "between agents and Dopplers";

    @TempDir
    private Path directory;

    private Vertx vertx;
    private Metrics metrics;
    private Doppler doppler;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx();
        metrics = new Metrics();
        Map<String, String> environment = Map.of(
                "LOGGREGATOR_INSECURE",
                "true",
                "DOPPLER_HOST",
                "127.0.0.1",
                "ROUTER_PORT",
                "0",
                "DOPPLER_LINK_PORT",
                "0",
                "DOPPLER_UDP_PORT",
                "0",
                "DOPPLER_SHARED_SECRET",
                SECRET);
        doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, environment, null, DopplerSettings::rules), metrics);
    }

    @AfterEach
    void stop() throws Exception {
        doppler.stopAccepting(Duration.ofSeconds(1));
        vertx.close().await(20, TimeUnit.SECONDS);
    }

    private String udp() {
        return "127.0.0.1:" + doppler.v1Ports().get("udp");
    }

    private Path secretFile(String secret) throws Exception {
        return Files.writeString(directory.resolve("secret"), secret);
    }

    private boolean shows(String line) {
        return metrics.scrape().lines().anyMatch(line::equals);
    }

    private static String taken(String protocol, int count) {
        return "listeners_received_envelopes_total{event_type=\"LogMessage\",protocol=\"" + protocol + "\"} " + count
                + ".0";
    }

    @Test
    void linesGoAsV1OverGrpc() throws Exception {
        CommandRun emit = CommandRun.reading(
                "one\ntwo\nthree\n", "emit", "--v1", "--app", "a", "--addr", "127.0.0.1:" + doppler.ingressPort());

        assertThat(emit.status()).as(emit::err).isZero();
        assertThat(emit.err()).contains("3 sent in");
        await().until(() -> shows(taken("grpc", 3)));
    }

    @Test
    void linesGoInSignedDatagrams() throws Exception {
        CommandRun emit = CommandRun.reading(
                "one\ntwo\n",
                "emit",
                "--udp",
                "--shared-secret-file",
                secretFile(SECRET + "\n").toString(),
                "--app",
                "a",
                "--addr",
                udp());

        assertThat(emit.status()).as(emit::err).isZero();
        await().until(() -> shows(taken("udp", 2)));
    }

    @Test
    void aRateGoesInDatagrams() throws Exception {
        CommandRun emit = CommandRun.of(
                "emit",
                "--udp",
                "--shared-secret-file",
                secretFile(SECRET).toString(),
                "--rate",
                "500",
                "--duration",
                "0.2",
                "--addr",
                udp());

        assertThat(emit.status()).as(emit::err).isZero();
        await().until(() -> shows(taken("udp", 100)));
    }

    @Test
    void withoutTheSecretNothingIsTaken() throws Exception {
        CommandRun emit = CommandRun.reading("one\n", "emit", "--udp", "--app", "a", "--addr", udp());

        assertThat(emit.status()).as(emit::err).isZero();
        await().until(() -> shows("signature_verifier_invalid_signature_errors_total 1.0"));
        assertThat(shows(taken("udp", 0))).isTrue();
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        int port;
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        CommandRun emit = CommandRun.of("emit", "--udp", "--rate", "500", "--addr", "127.0.0.1:" + port);

        assertThat(emit.status()).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(emit.err()).contains("nobody listens for datagrams on 127.0.0.1:" + port);
    }

    @Test
    void optionsThatDoNotGoTogetherAreUsageErrors() throws Exception {
        assertThat(CommandRun.of("emit", "--v1", "--udp", "--app", "a").status())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--app", "a", "--shared-secret-file", "x")
                        .status())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--udp", "--app", "a", "--plaintext").status())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--udp", "--rate", "1", "--payload", "60001")
                        .status())
                .isEqualTo(ExitCodes.USAGE);
        CommandRun missing = CommandRun.of("emit", "--udp", "--app", "a", "--shared-secret-file", "no-such-file");
        assertThat(missing.status()).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(missing.err()).contains("--shared-secret-file: no-such-file cannot be read");
        assertThat(CommandRun.of(
                                "emit",
                                "--udp",
                                "--app",
                                "a",
                                "--shared-secret-file",
                                secretFile("\n").toString())
                        .status())
                .isEqualTo(ExitCodes.CONFIGURATION);
    }
}
