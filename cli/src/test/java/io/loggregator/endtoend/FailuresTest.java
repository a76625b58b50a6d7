package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static io.loggregator.endtoend.Cluster.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is lost, and what comes twice, when a client goes or a process dies. Each test sums both sides. */
@Tag("system")
@ExtendWith(Cluster.Shared.class)
@Timeout(120)
class FailuresTest {
    private static final int BATCH = 50;

    private final Cluster cluster;
    private final List<Nozzle> nozzles = new ArrayList<>();
    private final List<Agent> agents = new ArrayList<>();

    FailuresTest(Cluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void disconnect() {
        nozzles.forEach(Nozzle::vanish);
        agents.forEach(Agent::close);
    }

    private Nozzle opened(Nozzle nozzle) {
        nozzles.add(nozzle);
        return nozzle;
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

    @Test
    void whatAKilledTrafficControllersClientsHadNotConfirmedGoesToTheOthersOfTheirGroup() throws IOException {
        String id = unique("killed");
        List<String> sources = List.of(unique("source"), unique("source"));
        List<Agent> both = List.of(agent(0), agent(1));
        Nozzle survivor = opened(cluster.firehose(1, id));
        Nozzle reader = opened(cluster.firehose(0, id));
        Cluster.probe("probes", both, nozzles);
        opened(cluster.stuckFirehose(0, id));

        // Until the others have confirmed all they got, and the one that reads nothing holds something back.
        int sent = 0;
        do {
            for (int i = 0; i < both.size(); i++) {
                send(both.get(i), sources.get(i), sent, sent + BATCH);
            }
            sent += BATCH;
            int all = 2 * sent;
            await().atMost(LIMIT).until(() -> {
                Samples.Ledger now = cluster.ofDopplers().ledger(id);
                return now.accepted() >= all && now.delivered() == survivor.count() + reader.count();
            });
        } while (cluster.ofDopplers().ledger(id).pending() == 0);
        for (int i = 0; i < both.size(); i++) {
            send(both.get(i), sources.get(i), sent, sent + 2_000);
        }
        sent += 2_000;
        try {
            cluster.killTrafficController(0);
            both.forEach(Agent::finish);

            Samples.Ledger ledger = cluster.settled(id);
            int total = sent;
            await().atMost(LIMIT)
                    .until(() -> distinct(sources, survivor, reader).size() == 2 * total);
            int received = survivor.count() + reader.count();
            int distinct = 2 * total + probes(survivor, reader);
            assertThat(ledger.dropped()).isZero();
            assertThat(ledger.accepted()).isEqualTo(ledger.delivered()).isEqualTo(distinct);
            assertThat(ledger.redelivered()).isPositive();
            // The reader may have had some without its confirmation getting through: those, and only those, came twice.
            assertThat((long) received - distinct).isBetween(0L, ledger.redelivered());
        } finally {
            cluster.restartTrafficController(0);
        }

        Nozzle back = opened(cluster.firehose(0, unique("back")));
        List<Agent> again = List.of(agent(0), agent(1));
        Cluster.probe("probes", again, List.of(back));
    }

    private static Set<String> distinct(List<String> sources, Nozzle... nozzles) {
        Set<String> distinct = new TreeSet<>();
        for (Nozzle nozzle : nozzles) {
            sources.forEach(source -> distinct.addAll(nozzle.linesOf(source)));
        }
        return distinct;
    }

    private static int probes(Nozzle... nozzles) {
        Set<String> distinct = new TreeSet<>();
        for (Nozzle nozzle : nozzles) {
            distinct.addAll(nozzle.linesOf("probe-0"));
            distinct.addAll(nozzle.linesOf("probe-1"));
        }
        return distinct.size();
    }

    @Test
    void aDopplerThatComesBackIsLinkedAgainAndNothingOfItsNewRunIsMissed() throws IOException {
        String id = unique("restarted");
        String source = unique("source");
        Agent first = agent(0);
        Nozzle firehose = opened(cluster.firehose(0, id));
        Nozzle stream = opened(cluster.stream(1, source));
        Cluster.probe(source, List.of(first), nozzles);
        send(first, source, 0, 2_000);
        first.finish();
        await().atMost(LIMIT).until(() -> stream.linesOf(source).size() >= 2_000);
        Samples.Ledger before = cluster.settled(id);
        assertThat(before)
                .isEqualTo(new Samples.Ledger(
                        2_000 + firehose.linesOf("probe-0").size(),
                        2_000 + firehose.linesOf("probe-0").size(),
                        0,
                        0));

        // Some more, of which nobody waits for the fate: what the dying run of the Doppler holds is uncertain.
        Agent cut = agent(0);
        send(cut, source, 2_000, 6_000);
        Samples.Ledger lastReport = cluster.ofDoppler(0).ledger(id);
        cluster.killDoppler(0);
        cluster.restartDoppler(0);
        Agent second = agent(0);
        send(second, source, 10_000, 12_000);
        second.finish();

        List<String> after = expected(source, 10_000, 12_000);
        for (Nozzle nozzle : nozzles) {
            await().atMost(LIMIT).until(() -> nozzle.linesOf(source).containsAll(after));
            List<String> lines = nozzle.linesOf(source);
            int kept = lines.size() - after.size();
            assertThat(kept).isBetween(2_000, 6_000);
            assertThat(lines.subList(0, kept)).isEqualTo(expected(source, 0, kept));
            assertThat(lines.subList(kept, lines.size())).isEqualTo(after);
            assertThat(nozzle.lostDopplers())
                    .as("told that it may miss something")
                    .isEqualTo(1);
        }
        Samples.Ledger now = cluster.settled(id);
        assertThat(now).isEqualTo(new Samples.Ledger(2_000, 2_000, 0, 0));
        int notice = 2;
        long ofTheFirstRun = firehose.count() - notice - now.delivered();
        assertThat(ofTheFirstRun).isBetween(lastReport.delivered(), before.accepted() + 4_000);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"with a word", "without a word"})
    void aClientThatComesBackWithinTheGracePeriodMissesNothing(String how) {
        String id = unique("away");
        List<String> sources = List.of(unique("source"), unique("source"));
        List<Agent> both = List.of(agent(0), agent(1));
        Nozzle before = opened(cluster.firehose(0, id));
        Cluster.probe("probes", both, nozzles);

        for (int i = 0; i < both.size(); i++) {
            send(both.get(i), sources.get(i), 0, 500);
        }
        if (how.equals("with a word")) {
            before.close();
        } else {
            before.vanish();
        }
        for (int i = 0; i < both.size(); i++) {
            send(both.get(i), sources.get(i), 500, 3_000);
            both.get(i).finish();
        }
        Nozzle after = opened(cluster.firehose(1, id));

        await().atMost(LIMIT).until(() -> distinct(sources, before, after).size() == 6_000);
        Samples.Ledger ledger = cluster.settled(id);
        int distinct = 6_000 + probes(before, after);
        assertThat(ledger.dropped()).isZero();
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered()).isEqualTo(distinct);
        assertThat((long) before.count() + after.count() - distinct).isBetween(0L, ledger.redelivered());
    }
}
