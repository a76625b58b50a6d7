package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static io.loggregator.endtoend.Cluster.unique;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers whose connection to one Traffic Controller ends in the middle of traffic, and who go on at the other: with the
 * id of the last event, or with their firehose id.
 */
@Tag("system")
@ExtendWith(Cluster.Shared.class)
@Timeout(180)
class ComingBackTest {
    private static final int BATCH = 50;
    private static final int LINES = 3_000;

    private final Cluster cluster;
    private final List<AutoCloseable> opened = new ArrayList<>();

    ComingBackTest(Cluster cluster) {
        this.cluster = cluster;
    }

    @AfterEach
    void disconnect() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        opened.add(0, closeable);
        return closeable;
    }

    /** Sends the lines of each source by its agent, from another thread. */
    /** @param left half of the lines are sent only then, so that there is traffic when the first reader has left */
    private static CompletableFuture<Void> sending(
            List<Agent> agents, List<String> sources, CompletableFuture<Void> left) {
        return CompletableFuture.runAsync(() -> {
            for (int from = 0; from < LINES; from += BATCH) {
                if (from == LINES / 2) {
                    left.join();
                }
                for (int i = 0; i < agents.size(); i++) {
                    agents.get(i).send(Envelopes.lines(sources.get(i), from, from + BATCH));
                }
            }
            agents.forEach(Agent::finish);
        });
    }

    private static List<String> expected(String source, int count) {
        return IntStream.range(0, count).mapToObj(i -> source + ":" + i).toList();
    }

    private static List<String> lines(SseReader reader, String source) {
        return reader.lines().stream()
                .filter(text -> text.startsWith(source + ":"))
                .toList();
    }

    private static void probe(List<Agent> agents, String source, SseReader reader) {
        await().atMost(LIMIT).until(() -> {
            for (int i = 0; i < agents.size(); i++) {
                agents.get(i).send(Envelopes.log(source, "probe-" + i + ":0"));
            }
            return IntStream.range(0, agents.size())
                    .noneMatch(i -> lines(reader, "probe-" + i).isEmpty());
        });
    }

    @ParameterizedTest(name = "the first Traffic Controller is {0}")
    @ValueSource(strings = {"left", "killed"})
    void aReaderWithItsLastEventIdHasEveryLineOnce(String how) throws IOException {
        List<String> sources = List.of(unique("source"), unique("source"));
        List<Agent> both = List.of(opened(cluster.agent(0)), opened(cluster.agent(1)));
        String query = "log&source_id=" + sources.get(0) + "&source_id=" + sources.get(1);
        List<SseReader> hops = new ArrayList<>();
        hops.add(opened(cluster.read(0, query, "")));
        probe(both, sources.get(0), hops.get(0));

        CompletableFuture<Void> left = new CompletableFuture<>();
        CompletableFuture<Void> sent = sending(both, sources, left);
        BooleanSupplier all = () -> sources.stream()
                .allMatch(source ->
                        hops.stream().mapToInt(hop -> lines(hop, source).size()).sum() >= LINES);
        try {
            for (int hop = 1; hop < 5; hop++) {
                SseReader before = hops.get(hop - 1);
                int known = before.received().size();
                await().atMost(LIMIT).until(() -> before.received().size() > known + BATCH || all.getAsBoolean());
                if (hop == 1 && how.equals("killed")) {
                    cluster.killTrafficController(0);
                }
                before.vanish();
                left.complete(null);
                int next = how.equals("killed") ? 1 : hop % 2;
                hops.add(opened(cluster.read(next, query, before.lastId())));
            }
            await().atMost(LIMIT).until(all::getAsBoolean);
            sent.join();
        } finally {
            if (how.equals("killed")) {
                cluster.restartTrafficController(0);
            }
        }
        for (String source : sources) {
            List<String> lines = new ArrayList<>();
            hops.forEach(hop -> lines.addAll(lines(hop, source)));
            assertThat(lines).isEqualTo(expected(source, LINES));
        }
        assertThat(hops).allSatisfy(hop -> assertThat(told(hop)).isZero());
        assertThat(lines(hops.get(0), sources.get(0)).size())
                .as("there was traffic to come when the first connection ended")
                .isLessThan(LINES);
    }

    @Test
    void ofTwoReadersWithTheSameIdTheEarlierIsToldAndEnded() {
        String source = unique("source");
        List<Agent> both = List.of(opened(cluster.agent(0)), opened(cluster.agent(1)));
        SseReader first = opened(cluster.read(0, "log&source_id=" + source, ""));
        probe(both, source, first);

        for (int controller : new int[] {1, 1}) {
            SseReader earlier = first;
            SseReader later = opened(cluster.read(controller, "log&source_id=" + source, earlier.lastId()));
            probe(both, source, later);
            await().atMost(LIMIT)
                    .until(() -> earlier.comments().contains(": another connection goes on from this one's position"));
            first = later;
        }
    }

    @Test
    void aFirehoseThatComesBackHasEveryLine() throws IOException {
        String id = unique("back");
        List<String> sources = List.of(unique("source"), unique("source"));
        List<Agent> both = List.of(opened(cluster.agent(0)), opened(cluster.agent(1)));
        List<Nozzle> hops = new ArrayList<>();
        hops.add(opened(cluster.firehose(0, id)));
        Cluster.probe("probes", both, hops);

        CompletableFuture<Void> left = new CompletableFuture<>();
        CompletableFuture<Void> sent = sending(both, sources, left);
        for (int hop = 1; hop < 5; hop++) {
            Nozzle before = hops.get(hop - 1);
            int known = before.count();
            await().atMost(LIMIT)
                    .until(() -> before.count() > known + BATCH
                            || distinct(sources, hops).size() == 2 * LINES);
            before.vanish();
            left.complete(null);
            hops.add(opened(cluster.firehose(hop % 2, id)));
        }
        await().atMost(LIMIT).until(() -> distinct(sources, hops).size() == 2 * LINES);
        sent.join();

        Samples.Ledger ledger = cluster.settled(id);
        int distinct = 2 * LINES + distinct(List.of("probe-0", "probe-1"), hops).size();
        assertThat(ledger.dropped()).isZero();
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered()).isEqualTo(distinct);
        assertThat(hops.stream().mapToLong(Nozzle::count).sum() - distinct)
                .as("only what a connection had not confirmed comes again")
                .isBetween(0L, ledger.redelivered());
    }

    private static Set<String> distinct(List<String> sources, List<Nozzle> hops) {
        Set<String> distinct = new TreeSet<>();
        hops.forEach(hop -> sources.forEach(source -> distinct.addAll(hop.linesOf(source))));
        return distinct;
    }

    /** Lines that the reader was told it does not get. */
    private static long told(SseReader reader) {
        return reader.received().stream()
                .filter(envelope ->
                        envelope.path("tags").path("source_type").asText().equals("LGR"))
                .mapToLong(notice -> notice.path("tags").path("loss_count").asLong())
                .sum();
    }

    @Test
    void whatTheLogDoesNotHoldAnyMoreIsToldExactly() throws Exception {
        int away = 25_000;
        try (Cluster small = new Cluster(1, 2, Map.of("LOG_BYTES", "4MiB"), Map.of());
                Agent agent = small.agent(0);
                SseReader before = small.read(0, "log&source_id=app", "");
                Nozzle firehose = small.firehose(0, "nozzle")) {
            probe(List.of(agent), "app", before);
            Cluster.probe("others", List.of(agent), List.of(firehose));
            agent.send(Envelopes.lines("app", 0, BATCH));
            await().atMost(LIMIT)
                    .until(() -> lines(before, "app").size() == BATCH
                            && firehose.linesOf("app").size() == BATCH);
            small.settled("nozzle");
            before.vanish();
            firehose.vanish();
            for (int from = BATCH; from < away; from += BATCH) {
                agent.send(Envelopes.lines("app", from, from + BATCH));
                // Does not concern the reader, and does concern the firehose.
                agent.send(Envelopes.counter("other", 1));
            }
            agent.finish();
            int others = (away - BATCH) / BATCH;

            try (SseReader after = small.read(1, "log&source_id=app", before.lastId());
                    Nozzle again = small.firehose(1, "nozzle")) {
                await().atMost(LIMIT).until(() -> last(lines(after, "app"), away) && last(again.linesOf("app"), away));
                List<String> held = lines(after, "app");
                assertThat(expected("app", away)).containsSubsequence(held);
                assertThat(told(after)).isEqualTo(away - BATCH - held.size()).isPositive();
                assertThat(after.received()
                                .get(0)
                                .path("tags")
                                .path("loss_reason")
                                .asText())
                        .as("told before anything else")
                        .isEqualTo("thinned");

                List<String> of = again.linesOf("app");
                assertThat(expected("app", away)).containsSubsequence(of);
                long counters = again.received().stream()
                        .filter(EventFactory.Envelope::hasCounterEvent)
                        .filter(envelope -> envelope.getCounterEvent().getName().equals("requests"))
                        .count();
                assertThat(counters).as("who sends little loses nothing").isEqualTo(others);
                assertThat(again.announced()).isEqualTo(away - BATCH - of.size());
            }
        }
    }

    private static boolean last(List<String> lines, int count) {
        return !lines.isEmpty() && lines.get(lines.size() - 1).equals("app:" + (count - 1));
    }
}
