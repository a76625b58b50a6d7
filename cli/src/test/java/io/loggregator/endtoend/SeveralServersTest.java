package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static io.loggregator.endtoend.Cluster.unique;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several Dopplers and Traffic Controllers are one Loggregator to the agents and the clients around them. */
@Tag("system")
@ExtendWith(Cluster.Shared.class)
@Timeout(120)
class SeveralServersTest {
    private static final int BATCH = 50;

    private final Cluster cluster;
    private final List<Nozzle> nozzles = new ArrayList<>();
    private List<Agent> agents;

    SeveralServersTest(Cluster cluster) {
        this.cluster = cluster;
    }

    @BeforeEach
    void connectAgents() {
        agents = List.of(cluster.agent(0), cluster.agent(1));
    }

    @AfterEach
    void disconnect() {
        nozzles.forEach(Nozzle::close);
        agents.forEach(Agent::close);
    }

    private Nozzle opened(Nozzle nozzle) {
        nozzles.add(nozzle);
        return nozzle;
    }

    @Test
    void clientsOfOneIdShareEveryEnvelopeExactlyOnceAndFairly() {
        String id = unique("shared");
        for (int i = 0; i < 4; i++) {
            opened(cluster.firehose(i % 2, id));
        }
        List<String> sources = List.of(unique("source"), unique("source"));
        Cluster.probe("probes", agents, nozzles);

        // Two batches for each Doppler are on their way at a time, and each Doppler deals by turns: of any four deals
        // that it makes, a client gets one, of one batch or of two. So its share is at least 1 in 1 + 3 * 2 and at most
        // 2 in 2 + 3 * 1, from 14 % to 40 %, whatever the timing; the bounds leave room for the ends.
        int rounds = 50;
        for (int round = 0; round < rounds; round++) {
            for (int batch = 2 * round; batch < 2 * round + 2; batch++) {
                for (int i = 0; i < agents.size(); i++) {
                    agents.get(i).send(Envelopes.lines(sources.get(i), batch * BATCH, (batch + 1) * BATCH));
                }
            }
            int sent = (round + 1) * 2 * BATCH * agents.size();
            await().atMost(LIMIT)
                    .pollInterval(2, MILLISECONDS)
                    .until(() -> dataLines().count() >= sent);
        }
        agents.forEach(Agent::finish);
        Samples.Ledger ledger = cluster.settled(id);

        int perSource = rounds * 2 * BATCH;
        assertThat(dataLines())
                .containsExactlyInAnyOrderElementsOf(sources.stream()
                        .flatMap(source -> expected(source, perSource).stream())
                        .toList());
        assertThat(nozzles).allSatisfy(nozzle -> {
            for (String source : sources) {
                assertThat(numbers(nozzle, source)).isSorted();
            }
            assertThat(sources.stream()
                            .mapToInt(source -> nozzle.linesOf(source).size())
                            .sum())
                    .isBetween(2 * perSource / 10, 2 * perSource * 45 / 100);
        });
        assertThat(ledger)
                .isEqualTo(everythingDelivered(
                        nozzles.stream().mapToInt(Nozzle::count).sum()));
    }

    private Stream<String> dataLines() {
        return nozzles.stream().flatMap(nozzle -> nozzle.lines().stream()).filter(line -> !line.startsWith("probe-"));
    }

    @Test
    void clientsOfDifferentIdsGetEveryEnvelopeEachInTheOrderOfItsSource() {
        String first = unique("first");
        String second = unique("second");
        String logs = unique("logs");
        String metrics = unique("metrics");
        opened(cluster.firehose(0, first));
        opened(cluster.firehose(1, second));
        opened(cluster.firehose(1, logs, "logs"));
        Cluster.probe("probes", agents, nozzles);
        Nozzle metricsOnly = cluster.firehose(0, metrics, "metrics");
        String counted = unique("counted");
        await().atMost(LIMIT).pollInterval(20, MILLISECONDS).until(() -> {
            agents.get(0).send(Envelopes.counter(counted, 0));
            return metricsOnly.count() > 0;
        });

        List<String> sources =
                IntStream.range(0, 20).mapToObj(i -> unique("source")).toList();
        int perSource = 1_000;
        for (int from = 0; from < perSource; from += BATCH) {
            for (int s = 0; s < sources.size(); s++) {
                agents.get(s % 2).send(Envelopes.lines(sources.get(s), from, from + BATCH));
            }
            agents.get(1).send(Envelopes.gauge(counted, from));
        }
        agents.forEach(Agent::finish);

        int lines = sources.size() * perSource;
        List<Samples.Ledger> ledgers =
                Stream.of(first, second, logs, metrics).map(cluster::settled).toList();
        nozzles.add(metricsOnly);
        for (int i = 0; i < nozzles.size(); i++) {
            assertThat(ledgers.get(i))
                    .isEqualTo(everythingDelivered(nozzles.get(i).count()));
        }
        assertThat(nozzles.subList(0, 3)).allSatisfy(nozzle -> {
            for (String source : sources) {
                assertThat(nozzle.linesOf(source)).isEqualTo(expected(source, perSource));
            }
        });
        assertThat(nozzles.get(0).count()).isGreaterThan(lines + perSource / BATCH);
        assertThat(nozzles.get(2).received()).allMatch(EventFactory.Envelope::hasLogMessage);
        assertThat(metricsOnly.received()).noneMatch(EventFactory.Envelope::hasLogMessage);
        assertThat(gauges(metricsOnly)).isEqualTo(perSource / BATCH).isEqualTo(gauges(nozzles.get(0)));
    }

    private static long gauges(Nozzle nozzle) {
        return nozzle.received().stream()
                .filter(EventFactory.Envelope::hasValueMetric)
                .count();
    }

    @Test
    void appStreamsGetTheirAppsLinesFromAllDopplersInOrder() {
        long streamedBefore = cluster.ofTrafficControllers().sum("egress_total", Map.of("endpoint", "stream"));
        String app = unique("app");
        String otherApp = unique("app");
        Nozzle here = opened(cluster.stream(0, app));
        Nozzle there = opened(cluster.stream(1, app));
        Cluster.probe(app, agents, nozzles);
        Nozzle other = cluster.stream(0, otherApp);
        Cluster.probe(otherApp, agents, List.of(other));

        int count = 2_000;
        for (int i = 0; i < count; i++) {
            for (int a = 0; a < agents.size(); a++) {
                agents.get(a)
                        .send(List.of(
                                Envelopes.log(app, "by-" + a + ":" + i),
                                Envelopes.log(otherApp, "other-by-" + a + ":" + i),
                                Envelopes.log("nobody-follows-it", "by-" + a + ":" + i)));
            }
        }
        agents.forEach(Agent::finish);

        nozzles.add(other);
        for (int a = 0; a < agents.size(); a++) {
            String mine = "by-" + a;
            String others = "other-by-" + a;
            await().atMost(LIMIT)
                    .until(() -> here.linesOf(mine).size() >= count
                            && there.linesOf(mine).size() >= count
                            && other.linesOf(others).size() >= count);
            assertThat(here.linesOf(mine)).isEqualTo(expected(mine, count)).isEqualTo(there.linesOf(mine));
            assertThat(other.linesOf(others)).isEqualTo(expected(others, count));
            assertThat(other.linesOf(mine)).isEmpty();
            assertThat(here.linesOf(others)).isEmpty();
        }
        int received = nozzles.stream().mapToInt(Nozzle::count).sum();
        assertThat(cluster.ofTrafficControllers().sum("egress_total", Map.of("endpoint", "stream")) - streamedBefore)
                .isEqualTo(received);
        assertThat(cluster.ofTrafficControllers().sum("dropped_total")).isZero();
        assertThat(cluster.ofDopplers().sum("dropped_total", Map.of("place", "tail")))
                .isZero();
    }

    private static Samples.Ledger everythingDelivered(long count) {
        return new Samples.Ledger(count, count, 0, 0);
    }

    private static List<String> expected(String source, int count) {
        return IntStream.range(0, count).mapToObj(i -> source + ":" + i).toList();
    }

    private static List<Integer> numbers(Nozzle nozzle, String source) {
        return nozzle.linesOf(source).stream()
                .map(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1)))
                .toList();
    }
}
