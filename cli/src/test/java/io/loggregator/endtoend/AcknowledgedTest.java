package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static io.loggregator.endtoend.Cluster.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.loggregator.endtoend.AckingReader.Acks;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Start;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is lost, and what comes twice, for clients of {@code loggregator.stream.v2} over two Traffic Controllers. */
@ExtendWith(Cluster.Shared.class)
@Timeout(120)
class AcknowledgedTest {
    private static final int BATCH = 50;
    private static final int LINES = 3_000;

    private final Cluster cluster;
    private final List<AckingReader> readers = new ArrayList<>();
    private final List<Agent> agents = new ArrayList<>();
    private final AtomicInteger probes = new AtomicInteger();

    AcknowledgedTest(Cluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void disconnect() {
        readers.forEach(AckingReader::close);
        agents.forEach(Agent::close);
    }

    private static Start.Builder plenty() {
        return Start.newBuilder().setCredit(1 << 30);
    }

    private AckingReader firehose(int trafficController, String id, Acks acks) {
        return opened(cluster.acknowledging(trafficController, "/firehose/" + id, acks, plenty()));
    }

    private AckingReader opened(AckingReader reader) {
        readers.add(reader);
        return reader;
    }

    private Agent agent(int doppler) {
        Agent agent = cluster.agent(doppler);
        agents.add(agent);
        return agent;
    }

    private static void send(Agent agent, String source, int from, int to) {
        for (int i = from; i < to; i += BATCH) {
            agent.send(Envelopes.lines(source, i, Math.min(to, i + BATCH)));
        }
    }

    private static List<String> expected(String source, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> source + ":" + i).toList();
    }

    /** Sends lines of the source by every agent until the reader has had one of each. */
    private void probe(String source, List<Agent> by, AckingReader reader) {
        await().atMost(LIMIT).until(() -> {
            boolean all = true;
            for (int i = 0; i < by.size(); i++) {
                String probe = "probe-" + i;
                if (reader.linesOf(probe).isEmpty()) {
                    all = false;
                    by.get(i).send(Envelopes.log(source, probe + ":" + probes.getAndIncrement()));
                }
            }
            return all;
        });
    }

    private static Set<String> distinct(AckingReader... of) {
        Set<String> distinct = new TreeSet<>();
        for (AckingReader reader : of) {
            distinct.addAll(reader.lines());
        }
        return distinct;
    }

    @Test
    void whatAVanishedClientHadNotAcknowledgedAndOnlyThatComesAgainAtTheOtherTrafficController() {
        String id = unique("acked");
        String source = unique("source");
        List<Agent> both = List.of(agent(0), agent(1));
        AckingReader first = firehose(0, id, Acks.ALL);
        probe("probes", both, first);
        cluster.settled(id);
        send(both.get(0), source, 0, LINES);
        await().atMost(LIMIT).until(() -> first.linesOf(source).size() == LINES);
        cluster.settled(id);
        first.close();

        AckingReader second = firehose(1, id, Acks.NOTHING);
        send(both.get(1), source, LINES, LINES + BATCH);
        await().atMost(LIMIT).until(() -> second.lines().size() == BATCH);
        second.close();
        AckingReader third = firehose(0, id, Acks.ALL);
        await().atMost(LIMIT).until(() -> third.lines().size() == BATCH);
        both.forEach(Agent::finish);

        Samples.Ledger ledger = cluster.settled(id);
        assertThat(second.lines()).isEqualTo(expected(source, LINES, LINES + BATCH));
        assertThat(third.lines()).isEqualTo(second.lines());
        assertThat(ledger.dropped()).isZero();
        assertThat(ledger.redelivered()).isEqualTo(BATCH);
        assertThat(ledger.accepted())
                .isEqualTo(ledger.delivered())
                .isEqualTo(distinct(first, second, third).size());
    }

    @Test
    void aKilledTrafficControllerLosesNothingAndDoublesOnlyWhatWasNotAcknowledged() throws IOException {
        String id = unique("killed");
        List<String> sources = List.of(unique("source"), unique("source"));
        List<Agent> both = List.of(agent(0), agent(1));
        AckingReader first = firehose(0, id, Acks.ALL);
        probe("probes", both, first);
        try {
            for (int sent = 0; sent < LINES; sent += BATCH) {
                for (int i = 0; i < both.size(); i++) {
                    send(both.get(i), sources.get(i), sent, sent + BATCH);
                }
                if (sent == LINES / 2) {
                    cluster.killTrafficController(0);
                }
            }
            both.forEach(Agent::finish);
            AckingReader second = firehose(1, id, Acks.ALL);
            Set<String> all = new TreeSet<>();
            sources.forEach(source -> all.addAll(expected(source, 0, LINES)));
            await().atMost(LIMIT).until(() -> distinct(first, second).containsAll(all));

            Samples.Ledger ledger = cluster.settled(id);
            int distinct = distinct(first, second).size();
            int received = first.lines().size() + second.lines().size();
            assertThat(ledger.dropped()).isZero();
            assertThat(ledger.accepted()).isEqualTo(ledger.delivered()).isEqualTo(distinct);
            assertThat((long) received - distinct).isBetween(0L, ledger.redelivered());
            assertThat(first.gaps() + second.gaps()).isZero();
        } finally {
            cluster.restartTrafficController(0);
        }
    }

    @Test
    void anAppStreamGoesOnAtTheOtherTrafficControllerExactlyWhereItWas() {
        String app = unique("app");
        List<Agent> both = List.of(agent(0), agent(1));
        Start.Builder each = plenty().setPositions(Positions.EVERY_BATCH);
        AckingReader first = opened(cluster.acknowledging(0, "/apps/" + app + "/stream", Acks.ALL, each));
        probe(app, both, first);
        send(both.get(0), app, 0, LINES);
        await().atMost(LIMIT).until(() -> first.linesOf(app).size() == LINES);
        first.close();
        send(both.get(0), app, LINES, 2 * LINES);
        both.forEach(Agent::finish);

        AckingReader second = opened(
                cluster.acknowledging(1, "/apps/" + app + "/stream", Acks.ALL, plenty().setResume(first.position())));
        await().atMost(LIMIT).until(() -> second.linesOf(app).size() >= LINES);
        assertThat(first.linesOf(app)).isEqualTo(expected(app, 0, LINES));
        assertThat(second.lines()).isEqualTo(expected(app, LINES, 2 * LINES));
        assertThat(second.gaps()).isZero();
    }
}
