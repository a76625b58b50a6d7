package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.cli.Main;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the examples of {@code docs/protocols.md} by a shell, against {@code ./loggregator demo}: in plain text, so without
 * what they say of certificates. {@code SendingV1DocumentTest} runs those for ports that the demo does not have.
 */
class ProtocolExamplesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<String> HTTP =
            List.of("/firehose/", "/stream\"", "/recentlogs", "/containermetrics", "/set-cookie", "/v2/read", "--v2 ");

    @TempDir
    private static Path directory;

    private static Map<String, Integer> ports;
    private static ServerProcess demo;
    private static Nozzle watcher;
    private static ScheduledExecutorService traffic;

    /** The examples as they stand, each in one line. */
    private static List<String> examples() throws IOException {
        List<String> examples = new ArrayList<>();
        String unfinished = "";
        for (String line : Files.readAllLines(Path.of("..", "docs", "protocols.md"))) {
            if (!line.startsWith("    ")) {
                unfinished = "";
            } else if (!unfinished.isEmpty() || line.matches("    (curl|echo|grpcurl|ID=|\\./loggregator).*")) {
                String whole = unfinished + line.strip();
                boolean more = whole.matches(".*( \\\\| \\|| &&)");
                unfinished = more ? whole.replaceFirst(" \\\\$", "") + " " : "";
                if (!more) {
                    examples.add(whole);
                }
            }
        }
        return examples;
    }

    @Test
    void everyEndpointHasAnExample() throws IOException {
        List<String> examples = examples();
        assertThat(HTTP)
                .allSatisfy(endpoint -> assertThat(examples)
                        .as(endpoint)
                        .anySatisfy(example -> assertThat(example).contains(endpoint)));
        assertThat(DescribedCall.methods().keySet())
                .hasSize(10)
                .allSatisfy(method -> assertThat(examples)
                        .as(method)
                        .anySatisfy(example ->
                                assertThat(example).startsWith("grpcurl $MTLS ").endsWith(" " + method)));
    }

    @TestFactory
    @EnabledIfSystemProperty(
            named = "loggregator.examples",
            matches = "true",
            disabledReason = ".ci/run examples does it")
    Stream<DynamicTest> everyExampleRuns() throws IOException {
        List<String> here = examples().stream()
                .filter(example -> !example.matches(".*\\$DOPPLER:? ?(3457|3458|3459)\\b.*"))
                .toList();
        assertThat(here).hasSize(examples().size() - 3).hasSizeGreaterThan(20);
        return here.stream().map(example -> DynamicTest.dynamicTest(example, () -> run(example)));
    }

    @BeforeAll
    static void start() throws Exception {
        if (!Boolean.getBoolean("loggregator.examples")) {
            return;
        }
        ports = Map.of("loggregator", free(), "gateway", free(), "rlp", free(), "ingress", free());
        List<String> options = new ArrayList<>(List.of("--no-traffic", "--quiet"));
        ports.forEach((port, number) -> options.addAll(List.of("--" + port + "-port", number.toString())));
        demo = ServerProcess.start("demo", Map.of(), options.toArray(String[]::new));
        demo.boundPort("grpc");
        watcher = Nozzle.open(
                HttpClient.newHttpClient(),
                URI.create("ws://127.0.0.1:" + ports.get("loggregator") + "/firehose/watcher"));
        Agent agent = new Agent(ports.get("ingress"), null);
        traffic = Executors.newSingleThreadScheduledExecutor();
        var unused = traffic.scheduleAtFixedRate(
                () -> agent.send(List.of(
                        Envelopes.log("my-app", "a line of my-app"),
                        Envelopes.counter("my-app", 1),
                        Envelopes.container("my-app", 0, System.currentTimeMillis() * 1_000_000, 12.5))),
                0,
                10,
                TimeUnit.MILLISECONDS);
        await().atMost(LIMIT).until(() -> watcher.count() > 0);
        script("loggregator", "exec " + quoted(ServerProcess.java(Main.class)));
        script("grpcurl", "exec " + quoted(ServerProcess.java(DescribedCall.class)));
        script("cf", "echo my-app #");
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String quoted(List<String> command) {
        return "'" + String.join("' '", command) + "'";
    }

    private static void script(String name, String command) throws IOException {
        Path script = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + command + " \"$@\"\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    @AfterAll
    static void stop() {
        if (demo != null) {
            traffic.shutdownNow();
            watcher.vanish();
            demo.close();
        }
    }

    private static String inPlainText(String example) {
        String local = "127.0.0.1:";
        return example.replaceAll(" --(cacert|cert|key|ca) \\S+", "")
                .replace("https://", "http://")
                .replace("--addr wss://", "--wait --addr ws://")
                .replace("--http2 ", "--http2-prior-knowledge ")
                .replace("$MTLS ", "")
                .replace("$DOPPLER:8082", local + ports.get("ingress"))
                .replace("$TC_HOST:8084", local + ports.get("rlp"))
                .replaceAll("emit .*", "$0 --plaintext");
    }

    private static void run(String example) throws Exception {
        boolean sends = example.contains("./loggregator emit") || example.matches(".*(Ingress/|Pusher).*");
        String expected = example.contains("/set-cookie") ? "set-cookie: authorization=" : "my-app";
        long hellos = hellos();
        Path out = Files.createTempFile(directory, "example", ".out");
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", inPlainText(example))
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
        builder.environment().put("TC", "127.0.0.1:" + ports.get("loggregator"));
        builder.environment().put("GATEWAY", "127.0.0.1:" + ports.get("gateway"));
        builder.environment().put("TOKEN", "bearer token");
        Process process = builder.start();
        try {
            if (sends) {
                assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).as(Files.readString(out)).isZero();
                await().atMost(LIMIT).until(() -> hellos() == hellos + 1);
            } else {
                // Streams go on meanwhile.
                await().atMost(LIMIT)
                        .untilAsserted(() -> assertThat(Files.readString(out, StandardCharsets.ISO_8859_1))
                                .as("what is left is %s", process.isAlive() ? "running" : process.exitValue())
                                .containsIgnoringCase(expected));
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    private static long hellos() {
        return watcher.lines().stream().filter("hello"::equals).count();
    }
}
