package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.doppler.Doppler;
import io.loggregator.doppler.DopplerSettings;
import io.loggregator.node.metrics.Metrics;
import io.loggregator.node.settings.Settings;
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
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/protocols.md for sending v1 do what they say, here without certificates. */
@Timeout(90)
class SendingV1DocumentTest {
    private static final Pattern EXAMPLE = Pattern.compile("echo (\\w+) \\| \\./loggregator (emit --(v1|udp) .*)");
    private static final Pattern FRAME = Pattern.compile("echo ([0-9a-f]{20,}) \\| xxd -r -p \\|");

    @Test
    void theExamplesRun(@TempDir Path directory) throws Exception {
        String document = Files.readString(Path.of("..", "docs", "protocols.md"));
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

            for (Map.Entry<String, Integer> taken :
                    Map.of("grpc", 1, "udp", 1, "tcp", 2).entrySet()) {
                String line = "listeners_received_envelopes_total{event_type=\"LogMessage\",protocol=\""
                        + taken.getKey() + "\"} " + taken.getValue() + ".0";
                await().until(() -> metrics.scrape().lines().anyMatch(line::equals));
            }
        } finally {
            doppler.stopAccepting(Duration.ofSeconds(1));
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }
}
