package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SIGTERM while readers are slow or away: what can be handed over is, and what cannot is told exactly. */
@Tag("system")
@Timeout(180)
class StopsTest {
    private static final int BATCH = 100;
    private static final Pattern LEFT = Pattern.compile(
            "subscription slow \\(.*: ([0-9]+) envelopes not handed over, ([0-9]+) sent and not confirmed");

    private final List<Nozzle> nozzles = new ArrayList<>();
    private Cluster cluster;

    @AfterEach
    void stop() {
        nozzles.forEach(Nozzle::vanish);
        cluster.close();
    }

    private Nozzle opened(Nozzle nozzle) {
        nozzles.add(nozzle);
        return nozzle;
    }

    private void cluster(Map<String, String> ofDopplers, Map<String, String> ofTrafficControllers) throws IOException {
        cluster = new Cluster(1, 2, ofDopplers, ofTrafficControllers);
    }

    /** Sends lines to the Doppler; returns when it has taken them in. */
    private void send(int from, int to) {
        try (Agent agent = cluster.agent(0)) {
            for (int i = from; i < to; i += BATCH) {
                agent.send(Envelopes.lines("line", i, i + BATCH));
            }
            agent.finish();
        }
    }

    private void probe(Nozzle... readers) {
        try (Agent agent = cluster.agent(0)) {
            Cluster.probe("probes", List.of(agent), List.of(readers));
            agent.finish();
        }
    }

    private static List<String> lines(int count) {
        return IntStream.range(0, count).mapToObj(i -> "line:" + i).toList();
    }

    @Test
    void whatAClientThatReadsNothingHadInATrafficControllerThatStopsGoesToTheOthers() throws IOException {
        cluster(Map.of(), Map.of());
        Nozzle first = opened(cluster.firehose(1, "slow"));
        probe(first);
        opened(cluster.stuckFirehose(0, "slow"));
        await().atMost(LIMIT).until(() -> cluster.ofTrafficControllers().sum("doppler_proxy_firehoses") == 2);
        int count = 20_000;
        send(0, count);

        cluster.trafficController(0).terminate();
        assertThat(cluster.trafficController(0).exitCode())
                .as(cluster.trafficController(0).said())
                .isZero();

        await().atMost(LIMIT).until(() -> new LinkedHashSet<>(first.linesOf("line")).containsAll(lines(count)));
        await().atMost(LIMIT).until(() -> cluster.ofDoppler(0).ledger("slow").pending() == 0);
        Samples.Ledger ledger = cluster.ofDoppler(0).ledger("slow");
        assertThat(ledger.dropped()).isZero();
        assertThat(ledger.accepted()).isEqualTo(ledger.delivered()).isEqualTo(first.count());
    }

    @Test
    void aClientThatIsAwayWhenADopplerIsToldToStopGetsEverythingWhenItComesBack() throws IOException {
        cluster(Map.of("STOP_TIMEOUT", "2m"), Map.of());
        Nozzle before = opened(cluster.firehose(0, "slow"));
        probe(before);
        before.close();
        await().atMost(LIMIT).until(() -> cluster.ofTrafficControllers().sum("doppler_proxy_firehoses") == 0);
        int count = 5_000;
        send(0, count);

        cluster.doppler(0).terminate();
        await().atMost(LIMIT).until(() -> cluster.doppler(0).said().contains("ingress has ended"));
        Nozzle after = opened(cluster.firehose(1, "slow"));

        assertThat(cluster.doppler(0).exitCode()).as(cluster.doppler(0).said()).isZero();
        await().atMost(LIMIT).until(() -> after.linesOf("line").size() >= count);
        Set<String> received = new LinkedHashSet<>(before.linesOf("line"));
        received.addAll(after.linesOf("line"));
        assertThat(received).containsAll(lines(count));
        assertThat(cluster.doppler(0).said()).doesNotContain("not handed over");
    }

    @Test
    void whatAReaderCannotTakeBeforeADopplerHasToStopIsToldItExactly() throws IOException {
        cluster(Map.of("STOP_TIMEOUT", "3s"), Map.of("SLOW_CONSUMER_TIMEOUT", "1h"));
        Nozzle fast = opened(cluster.firehose(1, "fast"));
        probe(fast);
        Nozzle slow = opened(cluster.stuckFirehose(0, "slow"));
        await().atMost(LIMIT).until(() -> cluster.ofTrafficControllers().sum("doppler_proxy_firehoses") == 2);
        int count = 120_000;
        send(0, count);
        await().atMost(LIMIT).until(() -> cluster.ofDoppler(0).ledger("fast").pending() == 0);
        assertThat(cluster.ofDoppler(0).ledger("slow").accepted()).isEqualTo(count);
        assertThat(cluster.ofDoppler(0).sum("dropped_total")).isZero();

        cluster.doppler(0).terminate();
        assertThat(cluster.doppler(0).exitCode()).as(cluster.doppler(0).said()).isEqualTo(1);
        String said = cluster.doppler(0).said();
        Matcher left = LEFT.matcher(said);
        assertThat(left.find()).as(said).isTrue();
        int notHandedOver = Integer.parseInt(left.group(1));
        int unconfirmed = Integer.parseInt(left.group(2));
        assertThat(notHandedOver).isPositive();
        assertThat(notHandedOver + unconfirmed).isEqualTo(count);
        assertThat(said).doesNotContain("subscription fast");

        slow.read();
        await().atMost(LIMIT).until(() -> slow.announced() > 0);
        assertThat(slow.announced()).isEqualTo(notHandedOver);
        assertThat(slow.linesOf("line")).isEqualTo(lines(count - notHandedOver));
        assertThat(fast.linesOf("line")).isEqualTo(lines(count));
    }
}
