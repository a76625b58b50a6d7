package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
import io.loggregator.node.tls.CertificateAuthority;
import io.loggregator.node.tls.KeyKind;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/protocols.md for sending v1 do what they say, without certificates where it matters not. */
@Timeout(90)
class SendingV1DocumentTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "protocols.md");
    private static final String TLS_FRAMES = "$DOPPLER:3459";
    private static final Pattern EXAMPLE = Pattern.compile("echo (\\w+) \\| \\./loggregator (emit --(v1|udp) .*)");
    private static final Pattern FRAME = Pattern.compile("echo ([0-9a-f]{20,}) \\| xxd -r -p \\|");

    @Test
    void theExamplesRun(@TempDir Path directory) throws Exception {
        String document = Files.readString(DOCUMENT);
        Path secret = Files.writeString(directory.resolve("secret"), "between agents and Dopplers");
        Vertx vertx = Vertx.vertx();
        Metrics metrics = new Metrics();
        Map<String, String> environment = Map.of(
                "LOGGREGATOR_INSECURE", "true",
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "DOPPLER_TCP_PORT", "0",
                "DOPPLER_UDP_PORT", "0",
                "DOPPLER_SHARED_SECRET", Files.readString(secret));
        Doppler doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, environment, null, DopplerSettings::rules), metrics);
        try {
            List<MatchResult> emits = EXAMPLE.matcher(document).results().toList();
            assertThat(emits).hasSize(2);
            for (MatchResult emit : emits) {
                int port = emit.group(3).equals("udp") ? doppler.v1Ports().get("udp") : doppler.ingressPort();
                String line = emit.group(2)
                        .replaceAll("\\$DOPPLER:\\d+", "127.0.0.1:" + port)
                        .replaceAll(" --ca \\S+ --cert \\S+ --key \\S+", "")
                        .replace("-file secret", "-file " + secret);
                CommandRun run = CommandRun.reading(emit.group(1) + "\n", line.split(" "));
                assertThat(run.status()).as("%s: %s", line, run.err()).isZero();
            }
            List<MatchResult> frames = FRAME.matcher(document).results().toList();
            assertThat(frames).hasSize(2);
            for (MatchResult frame : frames) {
                try (Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), doppler.v1Ports().get("tcp"))) {
                    socket.getOutputStream().write(HexFormat.of().parseHex(frame.group(1)));
                }
            }

            Map.of("grpc", 1, "udp", 1, "tcp", 2).forEach((way, count) -> awaitLogs(metrics, way, count));
        } finally {
            doppler.stopAccepting(Duration.ofSeconds(1));
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }

    /** With openssl, by certificates of the names that {@code ./loggregator certs} gives them, and the examples have. */
    @Test
    @EnabledIfSystemProperty(
            named = "loggregator.examples",
            matches = "true",
            disabledReason = ".ci/run examples does it")
    void theFrameOverTlsIsSentAsItStands(@TempDir Path directory) throws Exception {
        CertificateAuthority authority = CertificateAuthority.create("examples");
        authority.writeTo(directory, "ca");
        for (String role : List.of("doppler", "agent")) {
            authority
                    .issue(role, List.of(role), List.of("127.0.0.1"), KeyKind.EC_P256, Duration.ofDays(2))
                    .writeTo(directory, role);
        }
        Map<String, String> environment = Map.of(
                "ROUTER_CERT_FILE", directory.resolve("doppler.crt").toString(),
                "ROUTER_KEY_FILE", directory.resolve("doppler.key").toString(),
                "ROUTER_CA_FILE", directory.resolve("ca.crt").toString(),
                "DOPPLER_HOST", "127.0.0.1",
                "ROUTER_PORT", "0",
                "DOPPLER_LINK_PORT", "0",
                "DOPPLER_TLS_PORT", "0");
        Vertx vertx = Vertx.vertx();
        Metrics metrics = new Metrics();
        Doppler doppler = Doppler.start(
                vertx, Settings.load(DopplerSettings.ALL, environment, null, DopplerSettings::rules), metrics);
        try {
            String example = overTls(Files.readString(DOCUMENT))
                    .replace(TLS_FRAMES, "127.0.0.1:" + doppler.v1Ports().get("tls"));
            Path out = directory.resolve("out");
            Process process = new ProcessBuilder("bash", "-c", example)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).as(Files.readString(out)).isZero();
            } finally {
                process.destroyForcibly();
            }
            awaitLogs(metrics, "tls", 1);
        } finally {
            doppler.stopAccepting(Duration.ofSeconds(1));
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }

    /** The example for that port, in one line. */
    private static String overTls(String document) {
        List<String> examples = document.replaceAll("\\|\n +", "| ")
                .lines()
                .filter(line -> line.startsWith("    echo ") && line.contains(TLS_FRAMES))
                .toList();
        assertThat(examples).hasSize(1);
        return examples.get(0).strip();
    }

    private static void awaitLogs(Metrics metrics, String protocol, int count) {
        String line = "listeners_received_envelopes_total{event_type=\"LogMessage\",protocol=\"" + protocol + "\"} "
                + count + ".0";
        await().until(() -> metrics.scrape().lines().anyMatch(line::equals));
    }
}
