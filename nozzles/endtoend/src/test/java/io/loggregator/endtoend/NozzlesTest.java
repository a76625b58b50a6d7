package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.TlsOptions;
import io.loggregator.nozzles.kafka.Broker;
import io.loggregator.nozzles.kafka.KafkaNozzle;
import io.loggregator.nozzles.otlp.Collector;
import io.loggregator.nozzles.otlp.OtlpNozzle;
import io.loggregator.nozzles.prometheus.Prometheus;
import io.loggregator.nozzles.prometheus.PrometheusNozzle;
import io.loggregator.nozzles.runner.Destination;
import io.loggregator.nozzles.runner.NozzleProgram;
import io.loggregator.nozzles.syslog.Rsyslog;
import io.loggregator.nozzles.syslog.SyslogNozzle;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nozzles behind a load balancer, one of whose two Traffic Controllers, the one that they read from, is killed amid the
 * lines.
 */
@Tag("system")
@Timeout(180)
class NozzlesTest {
    private static final int LINES = 3_000;
    private static final int BATCH = 50;
    /** Of a message as rsyslog writes it to its file; the last one may not be whole yet. */
    private static final Pattern SYSLOG_TEXT = Pattern.compile("\"text\":\"([^\"]+)\"");

    private static final Pattern PROMETHEUS_LABEL = Pattern.compile("\"line\":\"([^\"]+)\"");

    private static Cluster cluster;
    private static PassThrough balancer;

    private final List<Agent> agents = new ArrayList<>();
    private int probes;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = new Cluster(2, 2, Map.of(), Map.of());
        balancer = new PassThrough(() -> IntStream.range(0, 2)
                .mapToObj(i -> cluster.trafficController(i).boundPort("ws"))
                .toList());
    }

    @AfterAll
    static void stopCluster() {
        balancer.close();
        cluster.close();
    }

    @AfterEach
    void replaceWhatWasKilled() throws Exception {
        agents.forEach(Agent::close);
        // Its port may be taken: receivers and their clients open connections all the time.
        cluster.replaceTrafficController(0);
    }

    private static io.loggregator.nozzle.Nozzle nozzle(NozzleProgram program, Destination destination) {
        io.loggregator.nozzle.Nozzle nozzle = io.loggregator.nozzle.Nozzle.builder()
                .endpoint(URI.create("wss://127.0.0.1:" + balancer.port()))
                .firehose("nozzle-" + program.name())
                .tls(TlsOptions.trusting(
                        List.of(cluster.certificates().authority().certificate())))
                .handler(destination)
                .build();
        nozzle.start();
        return nozzle;
    }

    private static Destination open(NozzleProgram program, Map<String, String> settings) throws Exception {
        return program.open(Settings.load(program.settings(), settings, null, program::rules));
    }

    /** What a receiver has so far; asked for again and again. */
    private interface Received {
        Set<String> lines() throws Exception;
    }

    private void killAmidTheLines(String id, Received received) {
        killAmidTheLines(id, Envelopes::log, received);
    }

    /** Sends lines by both Dopplers, kills the Traffic Controller amid them, and waits until all were received. */
    private void killAmidTheLines(String id, BiFunction<String, String, Envelope> form, Received received) {
        for (int i = 0; i < 2; i++) {
            agents.add(cluster.agent(i));
        }
        await().atMost(LIMIT).until(() -> {
            agents.forEach(agent -> agent.send(form.apply("probe", "probe-" + agents.indexOf(agent) + ":" + probes++)));
            Set<String> lines = received.lines();
            return List.of("probe-0:", "probe-1:").stream()
                    .allMatch(probe -> lines.stream().anyMatch(line -> line.startsWith(probe)));
        });
        int before = balancer.connections();
        Set<String> sent = new TreeSet<>();
        for (int from = 0; from < LINES; from += BATCH) {
            for (int i = 0; i < 2; i++) {
                String source = id + "-" + i;
                List<String> lines = IntStream.range(from, from + BATCH)
                        .mapToObj(number -> source + ":" + number)
                        .toList();
                sent.addAll(lines);
                agents.get(i)
                        .send(lines.stream()
                                .map(line -> form.apply(source, line))
                                .toList());
            }
            if (from == LINES / 2) {
                cluster.killTrafficController(0);
            }
        }
        agents.forEach(Agent::finish);
        await().atMost(LIMIT).untilAsserted(() -> {
            Set<String> missing = new TreeSet<>(sent);
            missing.removeAll(received.lines());
            assertThat(missing).isEmpty();
        });
        assertThat(balancer.connections()).isGreaterThan(before);
        assertThat(cluster.settled("nozzle-" + id).dropped()).isZero();
    }

    @Test
    void everyAcceptedLineIsInKafkaAtLeastOnce(@TempDir Path directory) throws Exception {
        KafkaNozzle program = new KafkaNozzle();
        try (Broker broker = new Broker(directory, Map.of())) {
            broker.createTopic("logs", 3, Map.of());
            Set<String> lines = new TreeSet<>();
            try (Destination destination = open(
                            program,
                            Map.of("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers(), "KAFKA_TOPIC", "logs"));
                    io.loggregator.nozzle.Nozzle nozzle = nozzle(program, destination);
                    Broker.Records records = broker.records("logs")) {
                killAmidTheLines(program.name(), () -> {
                    for (var envelope : records.next()) {
                        lines.add(Envelope.parseFrom(envelope.value())
                                .getLog()
                                .getPayload()
                                .toStringUtf8());
                    }
                    return lines;
                });
                assertThat(nozzle.statistics().lost()).isZero();
            }
        }
    }

    @Test
    void everyAcceptedLineIsAtTheCollectorAtLeastOnce() throws Exception {
        OtlpNozzle program = new OtlpNozzle();
        try (Collector collector = new Collector();
                Destination destination =
                        open(program, Map.of("OTLP_ENDPOINT", "http://127.0.0.1:" + collector.port()));
                io.loggregator.nozzle.Nozzle nozzle = nozzle(program, destination)) {
            killAmidTheLines(program.name(), () -> {
                Set<String> lines = new TreeSet<>();
                collector.records().forEach(record -> lines.add(record.getBody().getStringValue()));
                return lines;
            });
            assertThat(nozzle.statistics().lost()).isZero();
        }
    }

    @Test
    void everyAcceptedLineIsAtTheSyslogServerAtLeastOnce(@TempDir Path directory) throws Exception {
        SyslogNozzle program = new SyslogNozzle();
        try (Rsyslog rsyslog = Rsyslog.plain(directory);
                Destination destination =
                        open(program, Map.of("SYSLOG_DRAIN_URL", "syslog://127.0.0.1:" + rsyslog.port()));
                io.loggregator.nozzle.Nozzle nozzle = nozzle(program, destination)) {
            killAmidTheLines(program.name(), () -> {
                Set<String> lines = new TreeSet<>();
                for (String message : rsyslog.messages()) {
                    Matcher text = SYSLOG_TEXT.matcher(message);
                    if (text.find()) {
                        lines.add(text.group(1));
                    }
                }
                return lines;
            });
            assertThat(nozzle.statistics().lost()).isZero();
        }
    }

    /** A counter for each line, so that each has to come. */
    private static Envelope counter(String source, String line) {
        return Envelope.newBuilder()
                .setSourceId(source)
                .putTags("line", line)
                .setCounter(Counter.newBuilder().setName("lines").setTotal(1))
                .build();
    }

    @Test
    void everyCounterIsAtPrometheus(@TempDir Path directory) throws Exception {
        PrometheusNozzle program = new PrometheusNozzle();
        int port = Prometheus.freePort();
        try (Destination destination = open(program, Map.of("PROMETHEUS_LISTEN_ADDR", "127.0.0.1:" + port));
                Prometheus prometheus = new Prometheus(directory, port);
                io.loggregator.nozzle.Nozzle nozzle = nozzle(program, destination)) {
            killAmidTheLines(program.name(), NozzlesTest::counter, () -> {
                Set<String> lines = new TreeSet<>();
                try {
                    Matcher line = PROMETHEUS_LABEL.matcher(prometheus.query("firehose_counter_event_lines_total"));
                    while (line.find()) {
                        lines.add(line.group(1));
                    }
                } catch (IOException notYet) {
                    return Set.of();
                }
                return lines;
            });
            assertThat(nozzle.statistics().lost()).isZero();
        }
    }
}
