package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every node is stopped by SIGTERM and started again, one after the other, under a steady load: what was accepted is
 * delivered, each envelope once. With {@code -Dloggregator.rolling.rate=N}, so many envelopes a second.
 */
@Tag("system")
@Timeout(300)
class RollingRestartTest {
    private static final int RATE = Integer.getInteger("loggregator.rolling.rate", 2_000);
    private static final int DOPPLERS = Integer.getInteger("loggregator.rolling.dopplers", 2);
    private static final int TRAFFIC_CONTROLLERS = 2;
    private static final Pattern TAKEN_IN = Pattern.compile("ingress has ended, ([0-9]+) envelopes were taken in");

    private final List<AutoCloseable> toClose = new ArrayList<>();
    private final List<ServerProcess> stopped = new ArrayList<>();
    private Cluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new Cluster(DOPPLERS, TRAFFIC_CONTROLLERS, Map.of(), Map.of());
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : toClose) {
            each.close();
        }
        cluster.close();
    }

    private <T extends AutoCloseable> T closing(T each) {
        toClose.add(each);
        return each;
    }

    private void restart(ServerProcess server, Restart again) throws IOException {
        server.terminate();
        assertThat(server.exitCode()).as(server.said()).isZero();
        stopped.add(server);
        again.run();
    }

    private interface Restart {
        void run() throws IOException;
    }

    /** Envelopes that the runs of Dopplers which have ended took in, by their last words. */
    private long takenInByStopped() {
        long sum = 0;
        for (ServerProcess server : stopped) {
            Matcher matcher = TAKEN_IN.matcher(server.said());
            sum += matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        }
        return sum;
    }

    @Test
    void everyNodeIsRestartedAndNothingThatWasAcceptedIsLostOrComesTwice() throws Exception {
        Received alone = new Received();
        Received shared = new Received();
        List<RoamingReader> readers = List.of(
                closing(new RoamingReader(cluster, 0, "alone", alone)),
                closing(new RoamingReader(cluster, 0, "shared", shared)),
                closing(new RoamingReader(cluster, 1, "shared", shared)));
        cluster.awaitSubscribed(List.of(alone, shared), "alone", "shared");
        long before = cluster.ofDopplers().sum("ingress_total");

        SteadyLoad load = closing(new SteadyLoad(cluster, RATE));
        awaitMore(alone);

        for (int i = 0; i < DOPPLERS; i++) {
            int doppler = i;
            restart(cluster.doppler(i), () -> cluster.restartDoppler(doppler));
            cluster.awaitReady(cluster.doppler(i));
            awaitMore(alone);
        }
        for (int i = 0; i < TRAFFIC_CONTROLLERS; i++) {
            int trafficController = i;
            restart(cluster.trafficController(i), () -> cluster.startTrafficController(trafficController));
            cluster.awaitReady(cluster.trafficController(i));
            awaitMore(alone);
        }
        load.finish();

        long accepted = takenInByStopped() + cluster.ofDopplers().sum("ingress_total") - before;
        try {
            await().atMost(LIMIT).until(() -> lines(alone) >= accepted && lines(shared) >= accepted);
        } catch (ConditionTimeoutException e) {
            stopped.forEach(server -> System.out.println(server.said() + "\n"));
        }
        System.out.printf(
                "rolling restart at %,d/s: accepted %,d; alone %,d and %d again; shared %,d and %d again;"
                        + " by emitters that move on %,d of %,d; by others %,d of %,d over %d streams%n",
                RATE,
                accepted,
                lines(alone),
                alone.duplicates(),
                lines(shared),
                shared.duplicates(),
                alone.distinct(SteadyLoad.CAREFUL),
                load.handedOverCarefully(),
                alone.distinct(SteadyLoad.PLAIN),
                load.handedOverPlainly(),
                load.streams());

        assertThat(cluster.ofDopplers().sum("dropped_total")).isZero();
        assertThat(lines(alone)).isEqualTo(accepted);
        assertThat(lines(shared)).isEqualTo(accepted);
        assertThat(alone.duplicates()).isZero();
        assertThat(shared.duplicates()).isZero();
        // What crosses the end of a stream was never accepted: how much that is, is the machine's luck.
        assertThat(alone.distinct(SteadyLoad.CAREFUL)).isBetween(1L, load.handedOverCarefully());
        assertThat(alone.distinct(SteadyLoad.PLAIN)).isBetween(1L, load.handedOverPlainly());
        assertThat(stopped).allSatisfy(server -> assertThat(server.said()).doesNotContain("not handed over"));
        assertThat(readers).allSatisfy(reader -> {
            assertThat(reader.connections()).isGreaterThan(1);
            assertThat(reader.broken()).isNull();
        });
    }

    private static long lines(Received received) {
        return received.distinct(SteadyLoad.CAREFUL) + received.distinct(SteadyLoad.PLAIN);
    }

    /** Waits until a second's worth of lines has come since. */
    private static void awaitMore(Received reader) {
        long until = lines(reader) + RATE;
        await().atMost(LIMIT).until(() -> lines(reader) >= until);
    }
}
