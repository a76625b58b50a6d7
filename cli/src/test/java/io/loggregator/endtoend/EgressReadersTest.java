package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static io.loggregator.endtoend.Cluster.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressBatchRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.EgressRequest;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Readers of gRPC v2 at several Traffic Controllers, over mutual TLS. */
@ExtendWith(Cluster.Shared.class)
@Timeout(120)
class EgressReadersTest {
    private static final int BATCH = 50;

    private final Cluster cluster;
    private final List<EgressReader> readers = new ArrayList<>();
    private List<Agent> agents;

    EgressReadersTest(Cluster cluster) {
        this.cluster = cluster;
    }

    @BeforeEach
    void connectAgents() {
        agents = List.of(cluster.agent(0), cluster.agent(1));
    }

    @AfterEach
    void disconnect() {
        readers.forEach(EgressReader::close);
        agents.forEach(Agent::close);
    }

    @Test
    void readersOfOneShardShareAndOthersGetAll() throws IOException {
        String source = unique("source");
        String shard = unique("shard");
        List<EgressReader> sharing = List.of(reader(0, shard, logs(source)), reader(1, shard, logs(source)));
        EgressReader other = reader(1, unique("other"), logs(source));
        EgressReader alone = reader(0, "", logs(source));
        probe(source, sharing, other, alone);

        int batches = 40;
        for (int i = 0; i < batches; i++) {
            agents.get(i % 2).send(Envelopes.lines(source, i * BATCH, (i + 1) * BATCH));
        }
        agents.forEach(Agent::finish);
        List<String> sent = Envelopes.lines(source, 0, batches * BATCH).stream()
                .map(EgressReadersTest::text)
                .toList();
        await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(lines(source, sharing.get(0), sharing.get(1))).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(lines(source, other)).containsExactlyInAnyOrderElementsOf(sent);
            assertThat(lines(source, alone)).containsExactlyInAnyOrderElementsOf(sent);
        });
        assertThat(lines(source, sharing.get(0))).isNotEmpty();
        assertThat(lines(source, sharing.get(1))).isNotEmpty();
        Samples.Ledger ledger = cluster.settled(shard);
        assertThat(ledger.delivered()).isEqualTo(ledger.accepted());
    }

    @Test
    void aMetricAlwaysGoesToTheSameOfReadersWithDeterministicNames() throws IOException {
        String source = unique("source");
        String shard = unique("shard");
        Selector counters = Selector.newBuilder()
                .setSourceId(source)
                .setCounter(CounterSelector.getDefaultInstance())
                .build();
        EgressReader one = kept(EgressReader.batched(
                cluster.egress(0),
                EgressBatchRequest.newBuilder()
                        .setShardId(shard)
                        .setDeterministicName("one")
                        .setUsePreferredTags(true)
                        .addSelectors(counters)
                        .build()));
        EgressReader two = kept(EgressReader.single(
                cluster.egress(1),
                EgressRequest.newBuilder()
                        .setShardId(shard)
                        .setDeterministicName("two")
                        .addSelectors(counters)
                        .build()));
        // Until both have joined, one of them gets all.
        await().atMost(LIMIT).until(() -> {
            int known = one.of(source).size() + two.of(source).size();
            agents.forEach(agent -> agent.send(names(source, "probe")));
            await().atMost(LIMIT)
                    .until(() -> one.of(source).size() + two.of(source).size() >= known + 2 * NAMES);
            return !one.of(source).isEmpty() && !two.of(source).isEmpty();
        });
        cluster.settled(shard);
        int rounds = 20;
        for (int i = 0; i < rounds; i++) {
            agents.get(i % 2).send(names(source, "name"));
        }
        agents.forEach(Agent::finish);
        await().atMost(LIMIT)
                .until(() -> count(one, source, "name") + count(two, source, "name") == rounds * (long) NAMES);
        Map<String, EgressReader> owners = new HashMap<>();
        for (EgressReader reader : List.of(one, two)) {
            reader.of(source).stream()
                    .map(envelope -> envelope.getCounter().getName())
                    .filter(name -> name.startsWith("name"))
                    .forEach(name -> assertThat(owners.merge(name, reader, (a, b) -> b))
                            .as(name)
                            .isSameAs(reader));
        }
        assertThat(owners).hasSize(NAMES);
        assertThat(owners.values()).contains(one, two);
        for (Map.Entry<String, EgressReader> owner : owners.entrySet()) {
            assertThat(owner.getValue().of(source).stream()
                            .filter(envelope -> envelope.getCounter().getName().equals(owner.getKey())))
                    .hasSize(rounds);
        }
    }

    @Test
    void overlappingSelectorsDeliverTwice() throws IOException {
        String source = unique("source");
        Selector all =
                Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build();
        EgressReader reader = reader(0, "", all, logs(source));
        probe(source, List.of(), reader);
        agents.get(0).send(Envelopes.lines(source, 0, 1));
        await().atMost(LIMIT).until(() -> lines(source, reader).size() == 2);
        assertThat(lines(source, reader)).containsExactly(source + ":0", source + ":0");
    }

    private static final int NAMES = 40;

    private static List<Envelope> names(String source, String prefix) {
        List<Envelope> counters = new ArrayList<>();
        for (int i = 0; i < NAMES; i++) {
            counters.add(Envelopes.counter(source, 1).toBuilder()
                    .setCounter(Counter.newBuilder().setName(prefix + i).setDelta(1))
                    .build());
        }
        return counters;
    }

    private static long count(EgressReader reader, String source, String prefix) {
        return reader.of(source).stream()
                .filter(envelope -> envelope.getCounter().getName().startsWith(prefix))
                .count();
    }

    /** Waits until all readers get what every Doppler takes in. */
    private void probe(String source, List<EgressReader> sharing, EgressReader... others) {
        await().atMost(LIMIT).until(() -> {
            boolean all = true;
            for (int i = 0; i < agents.size(); i++) {
                String probe = "probe-" + i;
                agents.get(i).send(Envelopes.log(source, probe));
                all &= Stream.of(others)
                        .allMatch(reader -> texts(source, reader).contains(probe));
                for (EgressReader reader : sharing) {
                    all &= texts(source, reader).contains(probe);
                }
            }
            return all;
        });
    }

    private EgressReader reader(int trafficController, String shard, Selector... selectors) throws IOException {
        return kept(EgressReader.batched(
                cluster.egress(trafficController),
                EgressBatchRequest.newBuilder()
                        .setShardId(shard)
                        .setUsePreferredTags(true)
                        .addAllSelectors(List.of(selectors))
                        .build()));
    }

    private EgressReader kept(EgressReader reader) {
        readers.add(reader);
        return reader;
    }

    private static Selector logs(String source) {
        return Selector.newBuilder()
                .setSourceId(source)
                .setLog(LogSelector.getDefaultInstance())
                .build();
    }

    private static List<String> texts(String source, EgressReader... from) {
        return Stream.of(from)
                .flatMap(reader -> reader.of(source).stream())
                .map(EgressReadersTest::text)
                .toList();
    }

    /** Without probes. */
    private static List<String> lines(String source, EgressReader... from) {
        return texts(source, from).stream()
                .filter(text -> text.startsWith(source + ":"))
                .toList();
    }

    private static String text(Envelope envelope) {
        return envelope.getLog().getPayload().toStringUtf8();
    }
}
