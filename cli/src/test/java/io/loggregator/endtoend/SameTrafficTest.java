package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.plumbing.SubscriptionRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EventSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.TimerSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same traffic read by every protocol at once, over mutual TLS: each reader gets every envelope that its protocol has
 * a form for, once, in its source's order, and with the same content.
 */
@Timeout(120)
class SameTrafficTest {
    private static final String PROBE = "probe";
    private static final int EACH = 300;
    /** What an agent sends of; order holds for each source. */
    private static final List<List<String>> SOURCES = List.of(
            List.of("11111111-2222-3333-4444-555555555555", "gorouter", ""),
            List.of("zwölf 😀 \"apps\"", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"),
            List.of("cf/cell"));

    private static final List<Selector> ALL = List.of(
            Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build(),
            Selector.newBuilder()
                    .setCounter(CounterSelector.getDefaultInstance())
                    .build(),
            Selector.newBuilder().setGauge(GaugeSelector.getDefaultInstance()).build(),
            Selector.newBuilder().setTimer(TimerSelector.getDefaultInstance()).build(),
            Selector.newBuilder().setEvent(EventSelector.getDefaultInstance()).build());
    private static final Pattern CUT = Pattern.compile("(?s).* \\.\\.\\.\\[(\\d+) bytes cut]");
    private static final int WEBSOCKET_LIMIT = 64 * 1024;
    private static final int GRPC_LIMIT = 1024 * 1024;

    @TempDir
    private Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private LocalServers servers;
    private Nozzle webSocket;
    private PlumbingReader plumbing;
    private EgressReader preferred;
    private EgressReader deprecated;
    private SseReader sse;

    @BeforeEach
    void connect() throws Exception {
        Certificates certificates = new Certificates(directory);
        servers = opened(new LocalServers(certificates));
        await().atMost(Cluster.LIMIT).until(servers::linked);
        HttpClient client =
                HttpClient.newBuilder().sslContext(certificates.ofClient()).build();
        webSocket = opened(Nozzle.open(client, URI.create("wss://127.0.0.1:" + servers.port() + "/firehose/compared")));
        plumbing = opened(new PlumbingReader(
                certificates.channel(servers.ingressPort(), "doppler"), SubscriptionRequest.getDefaultInstance()));
        preferred = opened(EgressReader.batched(
                certificates.channel(servers.rlpPort(), "reverselogproxy"),
                EgressBatchRequest.newBuilder()
                        .setUsePreferredTags(true)
                        .addAllSelectors(ALL)
                        .build()));
        deprecated = opened(EgressReader.single(
                certificates.channel(servers.rlpPort(), "reverselogproxy"),
                EgressRequest.newBuilder().addAllSelectors(ALL).build()));
        sse = opened(new SseReader(
                client,
                URI.create("https://127.0.0.1:" + servers.gatewayPort() + "/v2/read?log&counter&gauge&timer&event"),
                ""));
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(0, closeable);
        return closeable;
    }

    @AfterEach
    void disconnect() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    @DisplayName(
            "compatibility 8 and 12: whatever is sent, readers of v1, v2 and JSON get the same, in forms that they can read")
    void everyReaderGetsTheSame(long seed) throws IOException {
        List<Agent> agents = new ArrayList<>();
        for (int i = 0; i < SOURCES.size(); i++) {
            agents.add(opened(servers.agent()));
        }
        probe(agents);
        GeneratedTraffic generated = new GeneratedTraffic(seed);
        List<Envelope> sent = new ArrayList<>();
        List<List<EnvelopeBatch>> batches = new ArrayList<>();
        for (List<String> sources : SOURCES) {
            List<Envelope> of = new ArrayList<>(generated.envelopes(EACH, sources));
            of.addAll(EACH / 2, generated.large(sources.get(0)));
            sent.addAll(of);
            batches.add(generated.batches(of));
        }
        for (int i = 0; i < EACH; i++) {
            for (int a = 0; a < agents.size(); a++) {
                if (i < batches.get(a).size()) {
                    agents.get(a).send(batches.get(a).get(i));
                }
            }
        }
        agents.forEach(Agent::finish);

        List<Envelope> delivered = sent.stream()
                .filter(envelope -> envelope.getMessageCase() != Envelope.MessageCase.MESSAGE_NOT_SET)
                .toList();
        compare("v2, preferred tags", sent, delivered, Line.Wins.DEPRECATED_TAGS, () -> lines(preferred, true));
        compare("v2, deprecated tags", sent, delivered, Line.Wins.TAGS, () -> lines(deprecated, false));
        compare("server-sent events", sent, delivered, Line.Wins.DEPRECATED_TAGS, this::jsonLines);
        compareV1("v1 over gRPC", sent, GRPC_LIMIT, plumbing::received);
        compareV1("v1 over WebSocket", sent, WEBSOCKET_LIMIT, webSocket::received);
        assertThat(servers.samples().sum("ingress_malformed_total", Map.of("what", "envelope")))
                .isEqualTo(
                        batches.stream().mapToLong(GeneratedTraffic::malformed).sum())
                .isPositive();
    }

    /** Sends probes until every reader gets what any of the agents sends. */
    private void probe(List<Agent> agents) {
        await().atMost(Cluster.LIMIT).until(() -> {
            agents.forEach(agent -> agent.send(Envelopes.log(PROBE, PROBE)));
            return Stream.of(
                            webSocket.received(),
                            plumbing.received(),
                            preferred.received(),
                            deprecated.received(),
                            sse.received())
                    .allMatch(received -> received.size() >= agents.size());
        });
    }

    private interface Reader<T> {
        List<T> received() throws IOException;
    }

    private List<Line> lines(EgressReader reader, boolean inTags) {
        List<Line> lines = new ArrayList<>();
        for (Envelope envelope : reader.received()) {
            if (!envelope.getSourceId().equals(PROBE)) {
                assertThat(inTags ? envelope.getDeprecatedTagsCount() : envelope.getTagsCount())
                        .as("the other tags")
                        .isZero();
                lines.add(Line.of(envelope, Line.Wins.TAGS));
            }
        }
        return lines;
    }

    private List<Line> jsonLines() throws IOException {
        List<Line> lines = new ArrayList<>();
        for (JsonNode json : sse.received()) {
            if (!json.path("source_id").asText().equals(PROBE)) {
                lines.add(Line.of(json));
            }
        }
        return lines;
    }

    private static void compare(
            String reader, List<Envelope> sent, List<Envelope> expected, Line.Wins wins, Reader<Line> of)
            throws IOException {
        Map<String, List<String>> bySource = new LinkedHashMap<>();
        expected.forEach(envelope -> add(bySource, envelope, Line.of(envelope, wins)));
        awaitSame(reader, bySource, expected.size(), () -> {
            Map<Long, Envelope> known = byTimestamp(sent);
            Map<String, List<String>> got = new LinkedHashMap<>();
            of.received().forEach(line -> add(got, known(reader, known, line.timestamp()), line));
            return got;
        });
    }

    private static void compareV1(String reader, List<Envelope> sent, int limit, Reader<EventFactory.Envelope> of)
            throws IOException {
        Map<String, List<String>> bySource = new LinkedHashMap<>();
        int count = 0;
        for (Envelope envelope : sent) {
            List<Line> lines = isCuttable(envelope) || envelope.getSerializedSize() <= limit
                    ? V1Line.expected(envelope)
                    : List.of();
            lines.forEach(line -> add(bySource, envelope, line));
            count += lines.size();
        }
        awaitSame(reader, bySource, count, () -> {
            Map<Long, Envelope> known = byTimestamp(sent);
            Map<String, List<Line>> got = new LinkedHashMap<>();
            for (EventFactory.Envelope envelope : of.received()) {
                if (!envelope.getLogMessage().getAppId().equals(PROBE)) {
                    Envelope was = known(reader, known, envelope.getTimestamp());
                    assertThat(envelope.getSerializedSize()).as(reader).isLessThanOrEqualTo(limit);
                    got.computeIfAbsent(was.getSourceId(), first -> new ArrayList<>())
                            .add(V1Line.of(whole(envelope, was, limit)));
                }
            }
            Map<String, List<String>> texts = new LinkedHashMap<>();
            got.forEach((source, lines) -> texts.put(source, inOrderOfNames(lines)));
            return texts;
        });
    }

    private static boolean isCuttable(Envelope envelope) {
        return envelope.hasLog() && !"Error".equals(envelope.getTagsMap().get("__v1_type"));
    }

    /** The values of one gauge come next to each other, in any order. */
    private static List<String> inOrderOfNames(List<Line> lines) {
        List<String> texts = new ArrayList<>();
        int next = 0;
        while (next < lines.size()) {
            int end = next + 1;
            while (end < lines.size()
                    && lines.get(end).timestamp() == lines.get(next).timestamp()) {
                end++;
            }
            lines.subList(next, end).stream()
                    .sorted(Comparator.comparing(Line::text))
                    .forEach(line -> texts.add(line.toString()));
            next = end;
        }
        return texts;
    }

    /** The envelope with the message that was sent, if it has the beginning of that and says how much is missing. */
    private static EventFactory.Envelope whole(EventFactory.Envelope envelope, Envelope sent, int limit) {
        ByteString message = envelope.getLogMessage().getMessage();
        ByteString payload = sent.getLog().getPayload();
        if (!envelope.hasLogMessage() || message.equals(payload)) {
            return envelope;
        }
        Matcher cut = CUT.matcher(message.toStringUtf8());
        assertThat(cut.matches()).as("told to be cut").isTrue();
        int kept = payload.size() - Integer.parseInt(cut.group(1));
        assertThat(message.startsWith(payload.substring(0, kept))).isTrue();
        assertThat(envelope.getSerializedSize()).isGreaterThan(limit - 16);
        EventFactory.Envelope.Builder whole = envelope.toBuilder();
        whole.getLogMessageBuilder().setMessage(payload);
        return whole.build();
    }

    private static Map<Long, Envelope> byTimestamp(List<Envelope> sent) {
        Map<Long, Envelope> known = new HashMap<>();
        sent.forEach(envelope -> known.put(envelope.getTimestamp(), envelope));
        return known;
    }

    private static Envelope known(String reader, Map<Long, Envelope> known, long timestamp) {
        assertThat(known).as("%s got what nobody sent", reader).containsKey(timestamp);
        return known.get(timestamp);
    }

    private static void add(Map<String, List<String>> lines, Envelope of, Line line) {
        lines.computeIfAbsent(of.getSourceId(), first -> new ArrayList<>()).add(line.toString());
    }

    private static void awaitSame(String reader, Map<String, List<String>> expected, int count, Reads reads)
            throws IOException {
        await(reader)
                .atMost(Cluster.LIMIT)
                .untilAsserted(() -> assertThat(reads.now().values().stream()
                                .mapToInt(List::size)
                                .sum())
                        .isGreaterThanOrEqualTo(count));
        Map<String, List<String>> got = reads.now();
        expected.forEach((source, lines) -> assertThat(got.get(source))
                .as("%s of source '%s'", reader, source)
                .containsExactlyElementsOf(lines));
        assertThat(got.keySet()).as(reader).isEqualTo(expected.keySet());
    }

    private interface Reads {
        Map<String, List<String>> now() throws IOException;
    }
}
