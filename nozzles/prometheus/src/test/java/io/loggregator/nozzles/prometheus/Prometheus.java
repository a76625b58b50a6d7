package io.loggregator.nozzles.prometheus;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A real Prometheus on loopback, which scrapes one port twice a second. */
public final class Prometheus implements AutoCloseable {
    /** With this system property a Prometheus that is not installed is a failure, and no reason to skip. */
    private static final String REQUIRED = "loggregator.receivers.required";

    private static final Path PROGRAM = Path.of("/usr/bin/prometheus");
    private static final long LIMIT_SECONDS = 20;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final int port;

    /** @param target the port on loopback whose {@code /metrics} it scrapes */
    public Prometheus(Path directory, int target) throws IOException {
        boolean installed = Files.isExecutable(PROGRAM);
        if (!installed && Boolean.getBoolean(REQUIRED)) {
            throw new AssertionError("prometheus is not installed");
        }
        assumeTrue(installed, "prometheus is not installed; on Debian: apt-get install prometheus");
        port = freePort();
        Path configuration = Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 500ms, scrape_timeout: 500ms}
                scrape_configs:
                  - job_name: firehose
                    honor_labels: true
                    static_configs: [{targets: ["127.0.0.1:%d"]}]
                """.formatted(target));
        process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + directory.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
    }

    /** A port that nobody listens at. */
    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /**
     * What it answers to an instant query, as JSON.
     *
     * @throws IOException it cannot be asked yet
     * @throws IllegalStateException it has ended
     */
    public String query(String query) throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException("Prometheus has ended");
        }
        String path = "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }
}
