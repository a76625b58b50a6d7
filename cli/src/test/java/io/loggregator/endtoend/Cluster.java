package io.loggregator.endtoend;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Start;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Dopplers and Traffic Controllers as processes, with TLS everywhere. One with two of each is started once for all tests
 * that do not need one of their own.
 */
final class Cluster implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int SIZE = 2;
    private static final int EVENT_LOOPS = 2;
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Map<String, String> toDopplers;
    private final Map<String, String> toTrafficControllers;
    private final Path directory;
    private final Certificates certificates;
    private final HttpClient client;
    private final HttpClient diagnostics = HttpClient.newHttpClient();
    private final List<ServerProcess> dopplers = new ArrayList<>();
    private final List<ServerProcess> trafficControllers = new ArrayList<>();

    /** Gives tests the one cluster. */
    static final class Shared implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Cluster.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.GLOBAL)
                    .computeIfAbsent(Cluster.class, first -> started(), Cluster.class);
        }

        private static Cluster started() {
            try {
                return new Cluster(SIZE, SIZE, Map.of(), Map.of());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /**
     * @param toDopplers settings of Dopplers, beside those that make it one cluster
     * @param toTrafficControllers the same of Traffic Controllers
     */
    Cluster(
            int dopplerCount,
            int trafficControllerCount,
            Map<String, String> toDopplers,
            Map<String, String> toTrafficControllers)
            throws IOException {
        this(dopplerCount, trafficControllerCount, toDopplers, toTrafficControllers, IntUnaryOperator.identity());
    }

    /** @param linkPorts where Traffic Controllers find the link port of a Doppler, if not there */
    Cluster(
            int dopplerCount,
            int trafficControllerCount,
            Map<String, String> toDopplers,
            Map<String, String> toTrafficControllers,
            IntUnaryOperator linkPorts)
            throws IOException {
        this.toDopplers = Map.copyOf(toDopplers);
        this.toTrafficControllers = Map.copyOf(toTrafficControllers);
        directory = Files.createTempDirectory("loggregator-cluster");
        certificates = new Certificates(directory);
        client = HttpClient.newBuilder().sslContext(certificates.ofClient()).build();
        try {
            for (int i = 0; i < dopplerCount; i++) {
                dopplers.add(ServerProcess.start("doppler", ofDoppler(0, 0)));
            }
            String addresses = dopplers.stream()
                    .map(doppler -> "127.0.0.1:" + linkPorts.applyAsInt(doppler.boundPort("link")))
                    .collect(Collectors.joining(","));
            for (int i = 0; i < trafficControllerCount; i++) {
                trafficControllers.add(ServerProcess.start("traffic-controller", ofTrafficController(0, addresses)));
            }
            awaitLinks();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** One of each, in which a client that takes nothing soon loses something, but stays. */
    static Cluster withSmallLog() throws IOException {
        return new Cluster(
                1,
                1,
                Map.of("LOG_BYTES", "8MiB"),
                Map.of("EGRESS_BYTES", "4MiB", "SLOW_CONSUMER_TIMEOUT", "1m", "CLIENT_PING_TIMEOUT", "1m"));
    }

    private Map<String, String> ofDoppler(int ingressPort, int linkPort) {
        Map<String, String> settings = new HashMap<>(certificates.ofDoppler());
        settings.put("DOPPLER_HOST", "127.0.0.1");
        settings.put("ROUTER_PORT", Integer.toString(ingressPort));
        settings.put("DOPPLER_LINK_PORT", Integer.toString(linkPort));
        settings.put("DOPPLER_HEALTH_PORT", "0");
        settings.put("ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        settings.put("EVENT_LOOPS", Integer.toString(EVENT_LOOPS));
        settings.putAll(toDopplers);
        return settings;
    }

    private Map<String, String> ofTrafficController(int port, String addresses) {
        Map<String, String> settings = new HashMap<>(certificates.ofTrafficController());
        settings.put("TRAFFIC_CONTROLLER_HOST", "127.0.0.1");
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", Integer.toString(port));
        settings.put("GATEWAY_ADDR", "127.0.0.1:0");
        settings.put("RLP_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0");
        settings.put("RLP_METRIC_EMITTER_INTERVAL", "0");
        settings.put("TRAFFIC_CONTROLLER_HEALTH_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
        settings.put("DOPPLER_LINK_ADDRS", addresses);
        settings.put("EVENT_LOOPS", Integer.toString(EVENT_LOOPS));
        settings.putAll(toTrafficControllers);
        return settings;
    }

    /** Waits until every event loop of every Traffic Controller is linked to every Doppler. */
    private void awaitLinks() {
        await().atMost(LIMIT)
                .until(() -> ofTrafficControllers().sum("doppler_links")
                        == (long) dopplers.size() * trafficControllers.size() * EVENT_LOOPS);
    }

    /** A name no other test has, for a subscription or an app. */
    static String unique(String name) {
        return name + "-" + NAMES.incrementAndGet();
    }

    /** Connects to the ingress of a Doppler. */
    Agent agent(int doppler) {
        try {
            return new Agent(dopplers.get(doppler).boundPort("grpc"), certificates.ofAgent());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Nozzle firehose(int trafficController, String subscription) {
        return Nozzle.open(client, uri(trafficController, "/firehose/" + subscription));
    }

    Nozzle firehose(int trafficController, String subscription, String filter) {
        return Nozzle.open(client, uri(trafficController, "/firehose/" + subscription + "?filter-type=" + filter));
    }

    /** A client that takes the connection and then reads nothing. */
    Nozzle stuckFirehose(int trafficController, String subscription) {
        return Nozzle.notReading(client, uri(trafficController, "/firehose/" + subscription));
    }

    Nozzle stream(int trafficController, String app) {
        return Nozzle.open(client, uri(trafficController, "/apps/" + app + "/stream"));
    }

    /** @param lastEventId empty: begins anew */
    SseReader read(int trafficController, String query, String lastEventId) {
        int port = trafficControllers.get(trafficController).boundPort("http");
        return new SseReader(client, URI.create("https://127.0.0.1:" + port + "/v2/read?" + query), lastEventId);
    }

    private URI uri(int trafficController, String path) {
        return URI.create(
                "wss://127.0.0.1:" + trafficControllers.get(trafficController).boundPort("ws") + path);
    }

    /**
     * A new connection gets what comes after the Dopplers heard of it. Sends a line {@code probe-AGENT:NUMBER} by every
     * agent again and again until every client has had one of every agent.
     *
     * @param source whose lines they are
     */
    static void probe(String source, List<Agent> agents, List<Nozzle> nozzles) {
        probeLines(
                source,
                agents,
                nozzles.stream()
                        .<Supplier<List<String>>>map(nozzle -> nozzle::lines)
                        .toList());
    }

    /** The same for clients of any protocol, by the lines that each has received. */
    static void probeLines(String source, List<Agent> agents, List<Supplier<List<String>>> received) {
        AtomicInteger number = new AtomicInteger();
        await().atMost(LIMIT).pollInterval(20, MILLISECONDS).until(() -> {
            boolean all = true;
            for (int i = 0; i < agents.size(); i++) {
                String probe = "probe-" + i + ":";
                if (!received.stream()
                        .allMatch(lines -> lines.get().stream().anyMatch(line -> line.startsWith(probe)))) {
                    all = false;
                    agents.get(i).send(Envelopes.log(source, probe + number.getAndIncrement()));
                }
            }
            return all;
        });
    }

    /** Waits until readers get what every Doppler takes in, and their subscriptions have nothing on its way. */
    void awaitSubscribed(List<Received> readers, String... subscriptions) {
        List<Agent> agents = new ArrayList<>();
        for (int i = 0; i < dopplers.size(); i++) {
            agents.add(agent(i));
        }
        AtomicInteger number = new AtomicInteger();
        await().atMost(LIMIT).until(() -> {
            for (int i = 0; i < agents.size(); i++) {
                agents.get(i).send(Envelopes.log("probe", "probe-" + i + ":" + number.get()));
            }
            number.incrementAndGet();
            return IntStream.range(0, agents.size())
                    .allMatch(i -> readers.stream().allMatch(reader -> reader.distinct("probe-" + i) > 0));
        });
        agents.forEach(Agent::finish);
        agents.forEach(Agent::close);
        for (String subscription : subscriptions) {
            settled(subscription);
        }
    }

    /** Waits until nothing of a subscription is on its way any more; to be called when ingress has it all. */
    Samples.Ledger settled(String subscription) {
        await().atMost(LIMIT).until(() -> ofDopplers().ledger(subscription).pending() == 0);
        return ofDopplers().ledger(subscription);
    }

    Samples ofDopplers() {
        return samples(dopplers);
    }

    Samples ofDoppler(int doppler) {
        return samples(List.of(dopplers.get(doppler)));
    }

    Samples ofTrafficControllers() {
        return samples(trafficControllers);
    }

    private Samples samples(List<ServerProcess> servers) {
        return new Samples(
                servers.stream().map(server -> server.metrics(diagnostics)).toList());
    }

    /** SIGKILL. */
    void killDoppler(int doppler) {
        dopplers.get(doppler).kill();
    }

    /** Starts a killed one again, on the same ports; returns when it takes envelopes, linked or not. */
    void restartDoppler(int doppler) throws IOException {
        ServerProcess dead = dopplers.get(doppler);
        ServerProcess again = ServerProcess.start("doppler", ofDoppler(dead.boundPort("grpc"), dead.boundPort("link")));
        dopplers.set(doppler, again);
        again.boundPort("grpc");
    }

    /** SIGKILL. */
    void killTrafficController(int trafficController) {
        trafficControllers.get(trafficController).kill();
    }

    /** Starts a killed one again, on the same port; returns when it is linked to all Dopplers. */
    void restartTrafficController(int trafficController) throws IOException {
        startTrafficController(trafficController);
        awaitLinks();
    }

    /** Starts one that has ended again, on the same port; returns when that is bound. */
    void startTrafficController(int trafficController) throws IOException {
        startTrafficController(
                trafficController, trafficControllers.get(trafficController).boundPort("ws"));
    }

    /** Starts one for one that has ended, on any free port; returns when it is linked to all Dopplers. */
    void replaceTrafficController(int trafficController) throws IOException {
        startTrafficController(trafficController, 0);
        awaitLinks();
    }

    private void startTrafficController(int trafficController, int port) throws IOException {
        String addresses = dopplers.stream()
                .map(doppler -> "127.0.0.1:" + doppler.boundPort("link"))
                .collect(Collectors.joining(","));
        ServerProcess again = ServerProcess.start("traffic-controller", ofTrafficController(port, addresses));
        trafficControllers.set(trafficController, again);
        again.boundPort("ws");
    }

    Certificates certificates() {
        return certificates;
    }

    int dopplerCount() {
        return dopplers.size();
    }

    int trafficControllerCount() {
        return trafficControllers.size();
    }

    ServerProcess doppler(int doppler) {
        return dopplers.get(doppler);
    }

    ServerProcess trafficController(int trafficController) {
        return trafficControllers.get(trafficController);
    }

    /** Waits until a server says that it is ready. */
    void awaitReady(ServerProcess server) {
        await().atMost(LIMIT).until(() -> server.get(diagnostics, "/ready").statusCode() == 200);
    }

    /** A connection to the ingress of a Doppler, by the settings of agents. */
    ManagedChannel channel(int doppler) throws IOException {
        return certificates.channel(dopplers.get(doppler).boundPort("grpc"), "doppler");
    }

    /** A connection to the RLP port of a Traffic Controller, by the settings of the clients that there are. */
    ManagedChannel egress(int trafficController) throws IOException {
        return certificates.channel(trafficControllers.get(trafficController).boundPort("grpc"), "reverselogproxy");
    }

    /** A connection to a port of a Doppler that takes frames over TLS, by the settings of agents. */
    Socket tlsSocket(int port) throws IOException {
        return certificates.ofFramingAgent().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }

    /** Opens a WebSocket of a Traffic Controller; fails when there is none at the moment. */
    CompletableFuture<WebSocket> webSocket(int trafficController, String path, WebSocket.Listener listener) {
        return client.newWebSocketBuilder()
                .header("Authorization", "bearer token")
                .connectTimeout(LIMIT)
                .buildAsync(uri(trafficController, path), listener);
    }

    /** Opens one for a client that acknowledges. */
    AckingReader acknowledging(int trafficController, String path, AckingReader.Acks acks, Start.Builder start) {
        AckingReader reader = new AckingReader(acks, start);
        client.newWebSocketBuilder()
                .header("Authorization", "bearer token")
                .subprotocols(StreamMessage.SUBPROTOCOL)
                .connectTimeout(LIMIT)
                .buildAsync(uri(trafficController, path), reader)
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
        return reader;
    }

    @Override
    public void close() {
        trafficControllers.forEach(ServerProcess::close);
        dopplers.forEach(ServerProcess::close);
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
