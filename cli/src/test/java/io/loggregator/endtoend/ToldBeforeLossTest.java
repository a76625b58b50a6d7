package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client stops taking: first it is told that it lags, then it loses, and everything adds up. */
@Tag("system")
@Timeout(120)
class ToldBeforeLossTest {
    private static final int LINES = 100;
    private static final String PADDING = "x".repeat(400);
    private static final String LAGS = "This reader lags: ";

    private int sent;

    private void send(Agent agent, int batches) throws IOException {
        for (int i = 0; i < batches; i++) {
            List<Envelope> batch = new ArrayList<>();
            for (int line = 0; line < LINES; line++) {
                batch.add(Envelopes.log("app", PADDING + ":" + sent++));
            }
            agent.send(batch);
        }
    }

    @Test
    void aFirehoseThatStopsTakingIsToldThenLosesAndTheSumHolds() throws IOException {
        try (Cluster cluster = Cluster.withSmallLog();
                Agent agent = cluster.agent(0);
                Nozzle slow = cluster.stuckFirehose(0, "slow")) {
            slow.read(1);
            Cluster.probe("probe", List.of(agent), List.of(slow));

            while (cluster.ofDopplers().sum("lag_notices_total") == 0) {
                assertThat(sent).isLessThan(100_000);
                assertThat(cluster.ofDopplers().sum("dropped_total"))
                        .as("lost before it was told that it lags")
                        .isZero();
                send(agent, 5);
            }
            await().atMost(LIMIT).until(() -> cluster.ofTrafficControllers().sum("lag_notices_total") == 1);
            while (cluster.ofDopplers().sum("dropped_total") == 0) {
                assertThat(sent).isLessThan(200_000);
                send(agent, 20);
            }
            agent.finish();
            slow.read();

            Samples.Ledger ledger = cluster.settled("slow");
            await().atMost(LIMIT).until(() -> slow.envelopes() + slow.announced() == ledger.accepted());
            assertThat(ledger.accepted()).isEqualTo(ledger.delivered() + ledger.dropped());
            assertThat(slow.announced()).isPositive().isEqualTo(ledger.dropped());
            List<String> lines = slow.lines();
            assertThat(lines.stream().filter(line -> line.startsWith(LAGS))).hasSize(1);
            assertThat(first(lines, LAGS)).isLessThan(first(lines, "Log message output is too high"));
            assertThat(first(lines, LAGS))
                    .as("past what waited for it in the servers")
                    .isLessThan(sent / 2);
        }
    }

    private static int first(List<String> lines, String start) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                return i;
            }
        }
        throw new AssertionError("no line that begins with: " + start);
    }
}
