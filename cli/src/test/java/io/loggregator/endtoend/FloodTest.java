package io.loggregator.endtoend;

import static io.loggregator.endtoend.Cluster.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An app floods and a client can take only a part: fifty quiet apps and the platform's metrics do not pay for that. */
@Tag("system")
@Timeout(120)
class FloodTest {
    private static final int BATCHES = 800;
    private static final int FLOOD = 99;
    private static final int QUIET = 50;
    private static final String PADDING = "x".repeat(400);

    @Test
    void aSlowFirehoseGetsEveryLineOfTheQuietAndIsToldHowMuchOfTheFloodItMissed() throws IOException {
        try (Cluster cluster = Cluster.withSmallLog();
                Agent agent = cluster.agent(0);
                Nozzle slow = cluster.stuckFirehose(0, "slow")) {
            slow.read(1);
            Cluster.probe("probe", List.of(agent), List.of(slow));

            Set<String> quiet = new HashSet<>();
            for (int i = 0; i < BATCHES; i++) {
                agent.send(batch(i, quiet));
                // About a tenth of what is sent.
                slow.read(FLOOD / 10);
            }
            agent.finish();
            slow.read();

            Samples.Ledger ledger = cluster.settled("slow");
            await().atMost(LIMIT).until(() -> slow.envelopes() + slow.announced() == ledger.accepted());
            assertThat(slow.lines().stream().filter(line -> line.startsWith("quiet")))
                    .containsExactlyInAnyOrderElementsOf(quiet);
            assertThat(slow.received().stream()
                            .filter(EventFactory.Envelope::hasCounterEvent)
                            .filter(envelope ->
                                    envelope.getCounterEvent().getName().equals("requests")))
                    .hasSize(BATCHES / (QUIET + 1));
            List<String> flood = slow.lines().stream()
                    .filter(line -> line.startsWith("flood"))
                    .collect(Collectors.toList());
            assertThat(flood).doesNotHaveDuplicates();
            assertThat(slow.announced())
                    .isPositive()
                    .isEqualTo((long) BATCHES * FLOOD - flood.size())
                    .isEqualTo(ledger.dropped());
            assertThat(slow.count() - slow.envelopes())
                    .as("notices: the log thins all the time, and that is no burden")
                    .isLessThan(slow.count() / 100);
        }
    }

    private static List<Envelope> batch(int number, Set<String> quiet) {
        List<Envelope> batch = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            batch.add(Envelopes.log("flood", "flood " + PADDING + ":" + (number * FLOOD + i)));
        }
        int app = number % (QUIET + 1);
        if (app == QUIET) {
            batch.add(Envelopes.counter("router", System.currentTimeMillis() * 1_000_000));
        } else {
            String line = "quiet-" + app + " " + PADDING + ":" + number;
            quiet.add(line);
            batch.add(Envelopes.log("quiet-" + app, line));
        }
        return batch;
    }
}
