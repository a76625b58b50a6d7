package io.loggregator.benchmarks.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A server as a process. What it says goes to a file, and its ports are read from there. */
public final class Server implements AutoCloseable {
    private static final String CLASS_DATA = "-XX:SharedArchiveFile=";
    private static final Pattern BOUND = Pattern.compile("(\\w+) bound to: \\S+:(\\d+)");
    private static final List<String> PORTS = List.of("grpc", "link", "ws", "http", "udp", "pprof");
    /** One for all, since each that is made keeps its connections for a while. */
    private static final HttpClient DIAGNOSTICS = HttpClient.newHttpClient();

    private static final long START_SECONDS = 120;
    private static final long STOP_SECONDS = 10;

    private final String role;
    private final Process process;
    private final Path output;
    private final CpuMeter meter;
    private final String watched;
    private final Map<String, CompletableFuture<Integer>> ports = new ConcurrentHashMap<>();
    private final Thread killer;
    private final Thread listener;

    /**
     * Starts a role of the product.
     *
     * @param launcher the program {@code loggregator}
     * @param settings go into its environment
     * @param output where to write what it says
     */
    public Server(Path launcher, String role, Map<String, String> settings, Path output) throws IOException {
        this(List.of(launcher.toString(), role), role, settings, output);
    }

    /**
     * Starts any program that tells its ports as the product's servers do.
     *
     * @param name what to call it in messages
     * @param settings go into its environment
     * @param output where to write what it says
     */
    public Server(List<String> command, String name, Map<String, String> settings, Path output) throws IOException {
        this(command, name, settings, output, "127.0.0.1");
    }

    /**
     * The same where loopback is not ours, but the program's own.
     *
     * @param watched the address of its diagnostics port
     */
    public Server(List<String> command, String name, Map<String, String> settings, Path output, String watched)
            throws IOException {
        this.role = name;
        this.output = output;
        this.watched = watched;
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(settings);
        process = builder.start();
        // By its handle, as in close(): who listens to it finds its end, and no closed stream.
        killer = new Thread(() -> process.toHandle().destroyForcibly(), "kill-" + name);
        try {
            Runtime.getRuntime().addShutdownHook(killer);
        } catch (IllegalStateException thisProcessEnds) {
            process.destroyForcibly();
            throw thisProcessEnds;
        }
        process.getOutputStream().close();
        listener = new Thread(this::listen, name + "-output");
        listener.setDaemon(true);
        listener.start();
        meter = new CpuMeter(process.pid());
    }

    private void listen() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                var file = Files.newBufferedWriter(output)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                file.write(line);
                file.newLine();
                file.flush();
                Matcher bound = BOUND.matcher(line);
                if (bound.find()) {
                    portNamed(bound.group(1)).complete(Integer.valueOf(bound.group(2)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            IOException ended = new IOException(role + " has ended; what it said is in " + output);
            for (String name : PORTS) {
                portNamed(name).completeExceptionally(ended);
            }
        }
    }

    private CompletableFuture<Integer> portNamed(String name) {
        return ports.computeIfAbsent(name, first -> new CompletableFuture<>());
    }

    /**
     * Waits for the line that tells a port.
     *
     * @param name {@code grpc}, {@code link}, {@code ws}, {@code http}, {@code udp} or {@code pprof}
     */
    public int port(String name) throws IOException, InterruptedException {
        try {
            return portNamed(name).get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException(role + " does not tell its port " + name + "; what it said is in " + output, e);
        }
    }

    /** The JVM's flags as the kernel tells them: all of its command line that comes before the program. */
    public String flags() throws IOException {
        return flags(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")));
    }

    /** Of the file with class data without its folder, which is nobody else's. */
    static String flags(String commandLine) {
        return Arrays.stream(commandLine.split("\0"))
                .skip(1)
                .takeWhile(word -> !word.equals("-jar") && !word.equals("-cp"))
                .map(word -> word.startsWith(CLASS_DATA)
                        ? CLASS_DATA
                                + Path.of(word.substring(CLASS_DATA.length())).getFileName()
                        : word)
                .collect(Collectors.joining(" "));
    }

    /** The lines of its {@code /metrics}. */
    public List<String> metrics() throws IOException, InterruptedException {
        return diagnostics("/metrics").lines().toList();
    }

    /** What its diagnostics port answers to this path. */
    public String diagnostics(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + watched + ":" + port("pprof") + path);
        return DIAGNOSTICS
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** The file with what it says. */
    public Path output() {
        return output;
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** What it costs. */
    public CpuMeter meter() {
        return meter;
    }

    /**
     * Sends it a signal.
     *
     * @param name as {@code kill} knows it, such as {@code STOP}
     */
    public void signal(String name) throws IOException, InterruptedException {
        String pid = Long.toString(process.pid());
        int status = new ProcessBuilder("kill", "-s", name, pid)
                .redirectErrorStream(true)
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("signal " + name + " does not reach " + role + ", process " + pid);
        }
    }

    /**
     * Waits until the process is gone and all that it said is in {@link #output()}.
     *
     * @return its exit status
     * @throws IOException it still runs after this time
     */
    public int awaitEnd(Duration limit) throws IOException, InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IOException(role + " does not end; what it said is in " + output);
        }
        listener.join();
        return process.exitValue();
    }

    /** Ends it by force, also while it is stopped by a signal. */
    public void closeNow() {
        meter.close();
        process.toHandle().destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(killer);
    }

    /** Stops it, gently at first. */
    @Override
    public void close() {
        meter.close();
        // Unlike destroy() of the process itself, this leaves its output open to be read to the end.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException hurry) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(killer);
    }
}
