package io.loggregator.endtoend;

import io.loggregator.cli.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A server in a process of its own, with nothing in its environment but its settings. */
final class ServerProcess implements AutoCloseable {
    private static final String BOUND = " bound to: ";
    private static final long LIMIT_SECONDS = 60;

    private final Process process;
    private final long startedNanos = System.nanoTime();
    private final List<String> lines = new ArrayList<>(); // guarded by this
    private final Map<String, CompletableFuture<Integer>> ports = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile long boundNanos;

    private ServerProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "stderr of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    static ServerProcess start(String role, Map<String, String> settings, String... options) throws IOException {
        List<String> command = new ArrayList<>(java(Main.class));
        command.add(role);
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(settings);
        return new ServerProcess(
                builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
    }

    /** The command line of a process that runs this class, with the memory and the allocator that the launcher gives a server. */
    static List<String> java(Class<?> main) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:MaxNewSize=16m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dio.netty.allocator.type=pooled",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    private void read() {
        try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (this) {
                    lines.add(line);
                }
                int at = line.indexOf(BOUND);
                if (at > 0 && line.indexOf(' ') == at) {
                    boundNanos = System.nanoTime();
                    port(line.substring(0, at)).complete(Integer.parseInt(line.substring(line.lastIndexOf(':') + 1)));
                }
            }
        } catch (IOException closed) {
            // The process was killed from here.
        } finally {
            ended.complete(null);
            ports.values().forEach(port -> port.completeExceptionally(new IllegalStateException(said())));
        }
    }

    private CompletableFuture<Integer> port(String what) {
        CompletableFuture<Integer> port = ports.computeIfAbsent(what, first -> new CompletableFuture<>());
        if (ended.isDone()) {
            port.completeExceptionally(new IllegalStateException(said()));
        }
        return port;
    }

    /** The port of a line {@code {what} bound to: H:P}, waiting for it. */
    int boundPort(String what) {
        return port(what).orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /** From the start of the process to the last line that told a port. */
    Duration timeToBind() {
        return Duration.ofNanos(boundNanos - startedNanos);
    }

    /** Everything on its standard error so far. */
    synchronized String said() {
        return String.join("\n", lines);
    }

    synchronized List<String> lines(Predicate<String> which) {
        return lines.stream().filter(which).toList();
    }

    String metrics(HttpClient client) {
        return get(client, "/metrics").body();
    }

    HttpResponse<String> get(HttpClient client, String path) {
        URI uri = URI.create("http://127.0.0.1:" + boundPort("pprof") + path);
        try {
            return client.send(
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** SIGTERM. By its handle, as the process itself would stop listening to its last words. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL; when this returns it is gone. */
    void kill() {
        process.destroyForcibly();
        exitCode();
    }

    /** Waits for its end. */
    int exitCode() {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("still running:\n" + said());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        ended.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
