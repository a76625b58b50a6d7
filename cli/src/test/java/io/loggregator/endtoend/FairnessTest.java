package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An app floods where ingress or a link is too narrow for it: fifty quiet apps and the platform's metrics do not pay for that,
 * and whoever reads the flood is told what is missing of it, to the envelope. How much is sent goes by what has arrived, and how
 * narrow a way is by bytes or messages; nothing goes by time.
 */
@Tag("system")
@Timeout(300)
class FairnessTest {
    /** Lines of the flood in a batch, which has one line of somebody else. */
    private static final int FLOOD = 99;

    private static final int QUIET = 50;
    /** More than fits into logs and buffers, several times. */
    private static final int BATCHES = 600;

    /** Lines of each quiet app that has a stream of its own. */
    private static final int ROUNDS = 8;

    private static final String PADDING = "x".repeat(400);
    private static final Map<String, String> SMALL_LOGS =
            Map.of("LOG_BYTES", "4MiB", "DOPPLER_LINK_BUFFER", "256KiB", "LINK_PING_INTERVAL", "5m");
    private static final Map<String, String> SMALL_WINDOWS =
            Map.of("EGRESS_BYTES", "4MiB", "SLOW_CONSUMER_TIMEOUT", "5m", "LINK_PING_INTERVAL", "5m");

    /** What has been handed to ingress. */
    private final AtomicInteger batches = new AtomicInteger();

    private int metrics;

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void whoFloodsIngressHoldsUpNobodyElseWhetherOverOneStreamOrMany(int streams) throws Exception {
        List<Agent> agents = new ArrayList<>();
        try (Cluster cluster = new Cluster(1, 1, Map.of("LOG_BYTES", "16MiB"), SMALL_WINDOWS);
                TallyingReader reader = new TallyingReader(cluster, 0, "/firehose/flooded")) {
            for (int i = 0; i < streams + QUIET / 2 + 1; i++) {
                agents.add(cluster.agent(0));
            }
            List<Agent> floods = agents.subList(0, streams);
            List<Agent> own = agents.subList(streams, agents.size());
            Cluster.probeLines("probe", floods.subList(0, 1), List.of(reader::probed));

            AtomicBoolean over = new AtomicBoolean();
            CompletableFuture<?>[] flooding = floods.stream()
                    .map(agent ->
                            CompletableFuture.runAsync(() -> flood(agent, over), task -> new Thread(task).start()))
                    .toArray(CompletableFuture<?>[]::new);
            try {
                trickle(own, reader);
            } finally {
                over.set(true);
            }
            CompletableFuture.allOf(flooding)
                    .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .join();
            agents.forEach(Agent::finish);

            Samples.Ledger ledger = cluster.settled("flooded");
            check(reader, ledger, batches.get(), batches.get() + (long) QUIET / 2 * ROUNDS);
        } finally {
            agents.forEach(Agent::close);
        }
    }

    /** Floods until it is over. */
    private void flood(Agent agent, AtomicBoolean over) {
        while (!over.get()) {
            agent.send(batch(batches.getAndIncrement(), QUIET / 2));
        }
    }

    /**
     * Half of the quiet apps, and the platform, each over a stream of its own: all have a line, and when all of these have
     * arrived in the midst of the flood, the next.
     */
    private void trickle(List<Agent> own, TallyingReader reader) {
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < QUIET / 2; i++) {
                own.get(i).send(Envelopes.log("own-" + i, "own-" + i + ":" + round));
            }
            own.get(QUIET / 2).send(metric());
            int sent = (round + 1) * QUIET / 2;
            int told = metrics;
            await().atMost(LIMIT.multipliedBy(2)).until(() -> reader.lines("own-") == sent && reader.metrics() == told);
        }
    }

    @Test
    void aLinkThatTakesATenthCostsOnlyWhoFloods() throws IOException {
        List<NarrowLink> links = new ArrayList<>();
        try (Cluster cluster = new Cluster(1, 1, SMALL_LOGS, SMALL_WINDOWS, port -> narrow(port, links));
                Agent agent = cluster.agent(0);
                TallyingReader firehose = new TallyingReader(cluster, 0, "/firehose/behind");
                TallyingReader flooder = new TallyingReader(cluster, 0, "/apps/flood/stream");
                TallyingReader quiet = new TallyingReader(cluster, 0, "/apps/quiet-7/stream")) {
            Map<String, Supplier<List<String>>> probes =
                    Map.of("probe", firehose::probed, "flood", flooder::probed, "quiet-7", quiet::probed);
            probes.forEach((source, probed) -> Cluster.probeLines(source, List.of(agent), List.of(probed)));
            NarrowLink link = links.get(0);
            link.narrow();
            for (int i = 0; i < BATCHES; i++) {
                EnvelopeBatch batch = EnvelopeBatch.newBuilder()
                        .addAllBatch(i % (QUIET + 1) == QUIET ? withMetric(i) : batch(i, QUIET))
                        .build();
                agent.send(batch);
                link.allow(batch.getSerializedSize() / 10);
            }
            agent.finish();
            link.widen();

            long metricBatches = metrics;
            Samples.Ledger ledger = cluster.settled("behind");
            check(firehose, ledger, BATCHES, BATCHES - metricBatches);
            assertThat(firehose.announced()).isPositive();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(flooder.lines("flood") + flooder.announced())
                            .as("the flooder's own stream tells the rest")
                            .isEqualTo((long) BATCHES * FLOOD));
            assertThat(flooder.announced()).isPositive();
            long quietLines =
                    Stream.iterate(7, i -> i < BATCHES, i -> i + QUIET + 1).count();
            await().atMost(LIMIT).until(() -> quiet.lines("quiet-7") == quietLines);
            assertThat(quiet.announced()).isZero();
            assertThat(flooder.duplicates() + quiet.duplicates() + firehose.duplicates())
                    .isZero();
        } finally {
            links.forEach(NarrowLink::close);
        }
    }

    private static int narrow(int port, List<NarrowLink> links) {
        NarrowLink link = new NarrowLink(port);
        links.add(link);
        return link.port();
    }

    /** The sum of a firehose, source by source. */
    private void check(TallyingReader reader, Samples.Ledger ledger, int floodBatches, long quietLines) {
        long flood = (long) floodBatches * FLOOD;
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(reader.lines("flood") + reader.announced())
                        .as("what came of the flood, and what was announced")
                        .isEqualTo(flood));
        assertThat(reader.lines("quiet-") + reader.lines("own-"))
                .as("of the quiet apps")
                .isEqualTo(quietLines);
        assertThat(reader.metrics()).as("of the platform").isEqualTo(metrics);
        assertThat(reader.duplicates()).isZero();
        assertThat(ledger.dropped()).isEqualTo(reader.announced());
        assertThat(ledger.delivered())
                .isEqualTo(reader.lines("") + reader.metrics() + reader.probes())
                .isEqualTo(ledger.accepted() - ledger.dropped());
    }

    /** The flood, and one line of a quiet app whose turn it is. */
    private static List<Envelope> batch(int number, int apps) {
        List<Envelope> batch = flood(number);
        String source = "quiet-" + number % (apps == QUIET ? QUIET + 1 : apps);
        batch.add(Envelopes.log(source, source + " " + PADDING + ":" + number));
        return batch;
    }

    private List<Envelope> withMetric(int number) {
        List<Envelope> batch = flood(number);
        batch.add(metric());
        return batch;
    }

    private static List<Envelope> flood(int number) {
        List<Envelope> batch = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            batch.add(Envelopes.log("flood", "flood " + PADDING + ":" + (number * FLOOD + i)));
        }
        return batch;
    }

    private Envelope metric() {
        return Envelopes.counter("router", System.currentTimeMillis() * 1_000_000).toBuilder()
                .setCounter(Counter.newBuilder().setName("requests").setDelta(1).setTotal(++metrics))
                .build();
    }
}
