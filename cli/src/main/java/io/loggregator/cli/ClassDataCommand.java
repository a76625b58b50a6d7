package io.loggregator.cli;

import io.loggregator.cli.terminal.Failure;
import io.loggregator.cli.terminal.Terminal;
import io.loggregator.node.process.ExitCodes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code class-data}, which the launcher runs while the JVM takes down what classes are loaded: servers and clients with
 * TLS, up to the first envelope that comes through, all in this process.
 */
@Command(
        name = "class-data",
        hidden = true,
        description = "What a start needs, once: ./loggregator class-data keeps the classes for faster starts.")
final class ClassDataCommand implements Callable<Integer> {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration FIRST_TRY = Duration.ofMillis(200);

    private final Terminal terminal;

    ClassDataCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        Path directory = Files.createTempDirectory("loggregator-class-data");
        try {
            expectGood("certs", Main.run(of(Map.of(), ""), "certs", directory.toString()));
            StartedServer doppler = server("doppler", dopplerSettings(directory));
            String link = doppler.address("link", left(end));
            StartedServer trafficController = server("traffic-controller", trafficControllerSettings(directory, link));
            CompletableFuture<Integer> reader = reader(directory, trafficController.address("ws", left(end)));
            while (!ended(reader, FIRST_TRY)) {
                left(end);
                expectGood("emit", emit(directory, doppler.address("grpc", left(end))));
            }
            expectGood("firehose", reader.join());
        } finally {
            delete(directory);
        }
        return ExitCodes.OK;
    }

    private StartedServer server(String role, Map<String, String> settings) {
        StartedServer server = new StartedServer(role, terminal.err());
        Terminal its = new Terminal(
                InputStream.nullInputStream(), OutputStream.nullOutputStream(), server.output(), false, settings);
        daemon(role, () -> server.ended(Main.run(its, role)));
        return server;
    }

    private CompletableFuture<Integer> reader(Path directory, String address) {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        String ca = directory.resolve("ca.crt").toString();
        daemon(
                "firehose",
                () -> status.complete(Main.run(
                        of(Map.of(), ""),
                        "firehose",
                        "class-data",
                        "--addr",
                        "wss://" + address,
                        "--ca",
                        ca,
                        "--max",
                        "1")));
        return status;
    }

    private int emit(Path directory, String address) {
        return Main.run(
                of(Map.of(), "hello\n"),
                "emit",
                "--app=class-data",
                "--addr=" + address,
                "--ca=" + directory.resolve("ca.crt"),
                "--cert=" + directory.resolve("agent.crt"),
                "--key=" + directory.resolve("agent.key"));
    }

    private Terminal of(Map<String, String> environment, String in) {
        return new Terminal(
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                OutputStream.nullOutputStream(),
                terminal.err(),
                false,
                environment);
    }

    private static Map<String, String> dopplerSettings(Path directory) {
        Map<String, String> settings = common(directory, "doppler");
        settings.put("DOPPLER_HOST", "127.0.0.1");
        settings.put("ROUTER_PORT", "0");
        settings.put("DOPPLER_LINK_PORT", "0");
        settings.put("DOPPLER_LINK_CLIENT_NAMES", "trafficcontroller");
        settings.put("DOPPLER_HEALTH_PORT", "0");
        return settings;
    }

    private static Map<String, String> trafficControllerSettings(Path directory, String link) {
        Map<String, String> settings = common(directory, "trafficcontroller");
        settings.put("TRAFFIC_CONTROLLER_HOST", "127.0.0.1");
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0");
        settings.put(
                "TRAFFIC_CONTROLLER_OUTGOING_CERT_FILE",
                directory.resolve("edge.crt").toString());
        settings.put(
                "TRAFFIC_CONTROLLER_OUTGOING_KEY_FILE",
                directory.resolve("edge.key").toString());
        settings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
        settings.put("TRAFFIC_CONTROLLER_HEALTH_PORT", "0");
        settings.put("GATEWAY_ADDR", "127.0.0.1:0");
        settings.put("RLP_PORT", "0");
        settings.put("DOPPLER_LINK_ADDRS", link);
        return settings;
    }

    private static Map<String, String> common(Path directory, String name) {
        Map<String, String> settings = new HashMap<>();
        settings.put("ROUTER_CERT_FILE", directory.resolve(name + ".crt").toString());
        settings.put("ROUTER_KEY_FILE", directory.resolve(name + ".key").toString());
        settings.put("ROUTER_CA_FILE", directory.resolve("ca.crt").toString());
        // They end with this process, and nobody is there to whom anything would have to be handed over.
        settings.put("STOP_DELAY", "0s");
        settings.put("STOP_TIMEOUT", "1s");
        return settings;
    }

    private static void daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static boolean ended(CompletableFuture<Integer> status, Duration wait) throws InterruptedException {
        try {
            status.get(wait.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Duration left(long end) {
        long nanos = end - System.nanoTime();
        if (nanos <= 0) {
            throw new Failure(ExitCodes.INTERNAL, "no envelope came through within " + LIMIT.toSeconds() + " s");
        }
        return Duration.ofNanos(nanos);
    }

    private static void expectGood(String what, int status) {
        if (status != ExitCodes.OK) {
            throw new Failure(status, "'" + what + "' ended with " + status);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
