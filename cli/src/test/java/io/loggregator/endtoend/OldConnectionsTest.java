package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Agents' connections grow old and end while they send: all that was accepted is delivered, once. */
@Timeout(180)
class OldConnectionsTest {
    @Test
    void loadMovesFromConnectionToConnectionAndNothingThatWasAcceptedIsLost() throws Exception {
        Received received = new Received();
        try (Cluster cluster = new Cluster(2, 1, Map.of("INGRESS_MAX_AGE", "2s"), Map.of());
                RoamingReader reader = new RoamingReader(cluster, 0, "aging", received)) {
            cluster.awaitSubscribed(List.of(received), "aging");
            long before = cluster.ofDopplers().sum("ingress_total");
            try (SteadyLoad load = new SteadyLoad(cluster, 2_000)) {
                await().atMost(LIMIT).until(() -> load.streams() >= 8);
                load.finish();

                long accepted = cluster.settled("aging").accepted();
                long lines = cluster.ofDopplers().sum("ingress_total") - before;
                await().atMost(LIMIT).until(() -> lines(received) >= lines);
                System.out.printf(
                        "old connections: accepted %,d of %,d by agents that move on and %,d by others, over %d streams%n",
                        lines, load.handedOverCarefully(), load.handedOverPlainly(), load.streams());
                assertThat(lines(received)).isEqualTo(lines);
                assertThat(received.duplicates()).isZero();
                assertThat(cluster.ofDopplers().ledger("aging"))
                        .isEqualTo(new Samples.Ledger(accepted, accepted, 0, 0));
                assertThat(received.distinct(SteadyLoad.CAREFUL)).isBetween(1L, load.handedOverCarefully());
                assertThat(reader.connections()).isEqualTo(1);
            }
        }
    }

    private static long lines(Received received) {
        return received.distinct(SteadyLoad.CAREFUL) + received.distinct(SteadyLoad.PLAIN);
    }
}
