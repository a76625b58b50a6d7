package io.loggregator.endtoend;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A real HAProxy or nginx on loopback, which runs the files of {@code deploy/edge}. */
final class LoadBalancer implements AutoCloseable {
    /** With this system property a load balancer that is not installed is a failure, and no reason to skip. */
    private static final String REQUIRED = "loggregator.loadbalancers.required";

    private static final Path CONFIGURATION =
            Files.isDirectory(Path.of("deploy")) ? Path.of("deploy/edge") : Path.of("../deploy/edge");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)}");

    final int httpPort;
    final int tcpPort;
    private final Process process;
    private final String reloadSignal;
    private final List<String> lines = new ArrayList<>(); // guarded by this

    private LoadBalancer(ProcessBuilder builder, String reloadSignal, int httpPort, int tcpPort) throws IOException {
        this.reloadSignal = reloadSignal;
        this.httpPort = httpPort;
        this.tcpPort = tcpPort;
        process = builder.redirectErrorStream(true).start();
        Thread reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
        await().atMost(BalancedServers.LIMIT).until(() -> {
            if (!process.isAlive()) {
                String said = said();
                if (said.contains("unknown directive \"stream\"")) {
                    missing("nginx is installed without TCP; on Debian: apt-get install libnginx-mod-stream");
                }
                throw new AssertionError(said);
            }
            return listens(httpPort) && listens(tcpPort);
        });
    }

    /** HAProxy, with more or other variables than the usual. */
    static LoadBalancer haproxy(BalancedServers servers, Path directory, List<String> hosts, Map<String, String> more)
            throws IOException {
        String executable = executable("haproxy", "haproxy");
        Path configuration = configure(directory, hosts);
        Map<String, String> variables = variables(servers);
        variables.put("TRAFFIC_CONTROLLER_1", BalancedServers.host(0));
        variables.put("TRAFFIC_CONTROLLER_2", BalancedServers.host(1));
        variables.put("TRAFFIC_CONTROLLER_PORT", Integer.toString(servers.port()));
        variables.put("TRAFFIC_CONTROLLER_HEALTH_PORT", Integer.toString(servers.healthPort()));
        variables.put("EDGE_CONNECTIONS", "200");
        variables.putAll(more);
        ProcessBuilder builder = new ProcessBuilder(
                executable,
                "-W",
                "-db",
                "-f",
                configuration.resolve("haproxy.cfg").toString());
        builder.environment().clear();
        builder.environment().putAll(variables);
        return new LoadBalancer(
                builder,
                "USR2",
                Integer.parseInt(variables.get("EDGE_PORT")),
                Integer.parseInt(variables.get("LOGGREGATOR_PORT")));
    }

    static LoadBalancer nginx(BalancedServers servers, Path directory, List<String> hosts) throws IOException {
        String executable = executable("nginx", "nginx libnginx-mod-stream");
        Path configuration = configure(directory, hosts);
        Map<String, String> variables = variables(servers);
        variables.put("CONFIG", configuration.toString());
        variables.put("TRAFFIC_CONTROLLER_1", BalancedServers.host(0) + ":" + servers.port());
        variables.put("TRAFFIC_CONTROLLER_2", BalancedServers.host(1) + ":" + servers.port());
        variables.put("TRAFFIC_CONTROLLER_NAME", "edge");
        Path file = configuration.resolve("nginx.conf");
        Files.writeString(
                file,
                VARIABLE.matcher(Files.readString(file))
                        .replaceAll(variable -> variables.getOrDefault(variable.group(1), variable.group())));
        String directives = "daemon off; pid " + configuration.resolve("nginx.pid") + ";";
        return new LoadBalancer(
                new ProcessBuilder(executable, "-e", "stderr", "-c", file.toString(), "-g", directives),
                "HUP",
                Integer.parseInt(variables.get("EDGE_PORT")),
                Integer.parseInt(variables.get("LOGGREGATOR_PORT")));
    }

    private static Map<String, String> variables(BalancedServers servers) throws IOException {
        return new HashMap<>(Map.of(
                "EDGE_HOST", "127.0.0.1",
                "EDGE_PORT", Integer.toString(freePort()),
                "LOGGREGATOR_PORT", Integer.toString(freePort()),
                "CERTS", servers.certificates().toString()));
    }

    /** Copies the configuration, and lists hosts in its map. */
    private static Path configure(Path directory, List<String> hosts) throws IOException {
        Path copy = Files.createTempDirectory(directory, "edge");
        try (Stream<Path> files = Files.list(CONFIGURATION)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Path map = copy.resolve("route-services.map");
        StringBuilder content = new StringBuilder(Files.readString(map));
        hosts.forEach(host -> content.append(host).append(" on;\n"));
        Files.writeString(map, content);
        return copy;
    }

    private static String executable(String name, String packages) {
        String path = System.getenv("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin";
        for (String directory : path.split(":")) {
            Path file = Path.of(directory, name);
            if (Files.isExecutable(file)) {
                return file.toString();
            }
        }
        missing(name + " is not installed; on Debian: apt-get install " + packages);
        return null;
    }

    /** Skips the test, or fails where nothing may be missing. */
    private static void missing(String what) {
        if (Boolean.getBoolean(REQUIRED)) {
            throw new AssertionError(what);
        }
        assumeTrue(false, what);
    }

    /** A port that nobody listens on, outside the range that the system gives to connections. */
    static int freePort() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket all = new ServerSocket(port)) {
                return all.getLocalPort();
            } catch (IOException e) {
                // Somebody has it: another.
            }
        }
        throw new IOException("no free port");
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (this) {
                    lines.add(line);
                }
            }
        } catch (IOException closed) {
            // The process was killed from here.
        }
    }

    /** What it wrote so far. */
    synchronized String said() {
        return String.join("\n", lines);
    }

    /** How many lines so far are such. */
    synchronized long count(Predicate<String> line) {
        return lines.stream().filter(line).count();
    }

    /** Makes it read its configuration again; returns when those processes have begun that serve by the new one. */
    void reload() throws Exception {
        List<Long> before = workers();
        Process kill = new ProcessBuilder("kill", "-" + reloadSignal, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("kill failed");
        }
        await().atMost(BalancedServers.LIMIT)
                .until(() -> workers().stream().anyMatch(worker -> !before.contains(worker)) && listens(httpPort));
    }

    /** Its processes but the first. */
    private List<Long> workers() {
        return process.descendants().map(ProcessHandle::pid).toList();
    }

    @Override
    public void close() {
        List<ProcessHandle> workers = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        workers.forEach(ProcessHandle::destroyForcibly);
    }
}
