package io.loggregator.endtoend;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Traffic Controller that reads one Doppler by the link and another by gRPC, as it would one of the Go release. Processes,
 * with TLS everywhere.
 */
@Tag("system")
class MixedDopplersTest {
    private static final String BY_LINK = "127.0.0.1";
    private static final String BY_GRPC = "127.0.0.2";
    private static final int LINES = 5_000;
    private static final int BATCH = 50;
    private static final int EVENT_LOOPS = 2;

    @TempDir
    Path directory;

    private final HttpClient diagnostics = HttpClient.newHttpClient();
    private Certificates certificates;
    private HttpClient client;
    private ServerProcess linked;
    private ServerProcess routed;
    private ServerProcess trafficController;

    @BeforeEach
    void start() throws Exception {
        certificates = new Certificates(directory);
        client = HttpClient.newBuilder().sslContext(certificates.ofClient()).build();
        linked = doppler(BY_LINK, 0);
        routed = doppler(BY_GRPC, 0);
        Map<String, String> settings = new HashMap<>(certificates.ofTrafficController());
        settings.put("TRAFFIC_CONTROLLER_HOST", "127.0.0.1");
        settings.put("TRAFFIC_CONTROLLER_OUTGOING_DROPSONDE_PORT", "0");
        settings.put("GATEWAY_ADDR", "127.0.0.1:0");
        settings.put("RLP_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_HEALTH_PORT", "0");
        settings.put("TRAFFIC_CONTROLLER_METRIC_EMITTER_INTERVAL", "0");
        settings.put("RLP_METRIC_EMITTER_INTERVAL", "0");
        settings.put("TRAFFIC_CONTROLLER_DISABLE_ACCESS_CONTROL", "true");
        settings.put("DOPPLER_LINK_ADDRS", BY_LINK + ":" + linked.boundPort("link"));
        settings.put("ROUTER_ADDRS", BY_GRPC + ":" + routed.boundPort("grpc"));
        settings.put("EVENT_LOOPS", Integer.toString(EVENT_LOOPS));
        trafficController = ServerProcess.start("traffic-controller", settings);
        awaitConnected();
    }

    @AfterEach
    void stop() {
        Stream.of(trafficController, linked, routed)
                .filter(server -> server != null)
                .forEach(ServerProcess::close);
    }

    private ServerProcess doppler(String host, int port) throws IOException {
        Map<String, String> settings = new HashMap<>(certificates.ofDoppler());
        settings.put("DOPPLER_HOST", host);
        settings.put("ROUTER_PORT", Integer.toString(port));
        settings.put("DOPPLER_LINK_PORT", "0");
        settings.put("DOPPLER_HEALTH_PORT", "0");
        settings.put("EVENT_LOOPS", Integer.toString(EVENT_LOOPS));
        settings.put("ROUTER_METRIC_BATCH_INTERVAL_MILLISECONDS", "0");
        return ServerProcess.start("doppler", settings);
    }

    private void awaitConnected() {
        await().atMost(Cluster.LIMIT).until(() -> {
            Samples samples = of(trafficController);
            return samples.sum("doppler_links") == EVENT_LOOPS && samples.sum("router_connections") == EVENT_LOOPS;
        });
    }

    private Samples of(ServerProcess server) {
        return new Samples(List.of(server.metrics(diagnostics)));
    }

    private Nozzle open(String path) {
        return Nozzle.open(client, uri("wss", "ws", path));
    }

    private URI uri(String scheme, String port, String path) {
        return URI.create(scheme + "://127.0.0.1:" + trafficController.boundPort(port) + path);
    }

    private List<Agent> agents() throws IOException {
        return List.of(
                new Agent(BY_LINK, linked.boundPort("grpc"), certificates.ofAgent()),
                new Agent(BY_GRPC, routed.boundPort("grpc"), certificates.ofAgent()));
    }

    @Test
    void clientsGetWhatEitherDopplerTakesInOnce() throws IOException {
        String app = Cluster.unique("app");
        try (Nozzle one = open("/firehose/shared");
                Nozzle two = open("/firehose/shared");
                Nozzle stream = open("/apps/" + app + "/stream")) {
            List<Agent> agents = agents();
            Cluster.probe(app, agents, List.of(one, two, stream));
            List<String> sent = send(app, agents);
            assertShared(sent, one::lines, two::lines);
            assertReceived(sent, stream::lines);
            assertAllDelivered("shared");
        }
    }

    @Test
    void readersOfV2GetWhatEitherDopplerTakesInOnce() throws IOException {
        String app = Cluster.unique("app");
        try (EgressReader one = egress("shard", app);
                EgressReader two = egress("shard", app);
                SseReader alone = new SseReader(client, uri("https", "http", "/v2/read?log&source_id=" + app), "")) {
            List<Agent> agents = agents();
            Cluster.probeLines(app, agents, List.of(one::lines, two::lines, alone::lines));
            List<String> sent = send(app, agents);
            assertShared(sent, one::lines, two::lines);
            assertReceived(sent, alone::lines);
            assertAllDelivered("shard");
        }
    }

    private EgressReader egress(String shard, String source) throws IOException {
        return EgressReader.batched(
                certificates.channel(trafficController.boundPort("grpc"), "reverselogproxy"),
                EgressBatchRequest.newBuilder()
                        .setShardId(shard)
                        .addSelectors(
                                Selector.newBuilder().setSourceId(source).setLog(LogSelector.getDefaultInstance()))
                        .build());
    }

    /** Has each agent send all of its own lines, and returns those of all. */
    private static List<String> send(String app, List<Agent> agents) {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < agents.size(); i++) {
            for (int from = 0; from < LINES; from += BATCH) {
                List<String> lines = new ArrayList<>();
                for (int n = from; n < from + BATCH; n++) {
                    lines.add("of-" + i + ":" + n);
                }
                sent.addAll(lines);
                agents.get(i)
                        .send(lines.stream()
                                .map(line -> Envelopes.log(app, line))
                                .toList());
            }
            agents.get(i).finish();
            agents.get(i).close();
        }
        return sent;
    }

    private static void assertShared(List<String> sent, Supplier<List<String>> one, Supplier<List<String>> two) {
        assertReceived(
                sent,
                () -> Stream.of(one, two).flatMap(lines -> lines.get().stream()).toList());
    }

    /** Waits for as many lines as were sent; probes are left out. */
    private static void assertReceived(List<String> sent, Supplier<List<String>> received) {
        Supplier<List<String>> lines = () ->
                received.get().stream().filter(line -> line.startsWith("of-")).toList();
        await().atMost(Cluster.LIMIT).until(() -> lines.get().size() >= sent.size());
        assertThat(lines.get()).containsExactlyInAnyOrderElementsOf(sent);
    }

    private void assertAllDelivered(String subscription) {
        for (ServerProcess doppler : List.of(linked, routed)) {
            await().atMost(Cluster.LIMIT)
                    .until(() -> of(doppler).ledger(subscription).pending() == 0);
            Samples.Ledger ledger = of(doppler).ledger(subscription);
            assertThat(ledger.accepted()).isGreaterThanOrEqualTo(LINES);
            assertThat(ledger.dropped()).isZero();
        }
    }

    @Test
    void aFirehoseWithTheLongestFiltersReadsBoth() throws IOException {
        String filters = "?grep=probe%7C" + "x".repeat(900);
        try (Nozzle longest = open("/firehose/" + "n".repeat(1_024) + filters);
                Nozzle shorter = open("/firehose/" + "n".repeat(200) + filters)) {
            Cluster.probe(Cluster.unique("app"), agents(), List.of(longest, shorter));
            assertThat(of(trafficController).sum("router_refused_total")).isZero();
        }
    }

    @Test
    void aDopplerThatIsKilledAndComesBackIsReadAgainAndItsLossTold() throws IOException {
        String app = Cluster.unique("app");
        try (Nozzle firehose = open("/firehose/nozzle");
                Nozzle stream = open("/apps/" + app + "/stream")) {
            Cluster.probe(app, agents(), List.of(firehose, stream));
            int port = routed.boundPort("grpc");
            routed.kill();
            await().atMost(Cluster.LIMIT).until(() -> of(trafficController).sum("router_connections") == 0);
            routed = doppler(BY_GRPC, port);
            awaitConnected();
            Agent agent = new Agent(BY_GRPC, port, certificates.ofAgent());
            for (Nozzle nozzle : List.of(firehose, stream)) {
                await().atMost(Cluster.LIMIT).pollInterval(20, MILLISECONDS).until(() -> {
                    agent.send(Envelopes.log(app, "after:1"));
                    return !nozzle.linesOf("after").isEmpty();
                });
                assertThat(nozzle.lines().stream().filter(line -> line.contains("An unknown number of messages")))
                        .hasSize(1);
            }
        }
    }
}
