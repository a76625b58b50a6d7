package io.loggregator.rehearsal;

import io.loggregator.benchmarks.run.Credentials;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Samples;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The certificates of all servers are renewed twice while they are still good, the last ones expire, and are renewed again, by
 * files alone. What is open goes on; a link that breaks when they have expired cannot come back before the new ones are there.
 */
record CertificatesExpire(Duration validity, Duration expired) implements Rehearsal.Action {
    private static final List<String> RENEWED = List.of(Credentials.DOPPLER, Credentials.TRAFFIC_CONTROLLER);

    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        try {
            Instant begun = Instant.now();
            renew(nodes, Credentials.VALIDITY);
            // On a slow machine they must not expire before all servers use them.
            Duration slow = Duration.between(begun, Instant.now()).multipliedBy(4);
            Duration brief = validity.compareTo(slow) > 0 ? validity : slow;
            Instant end = Instant.now().plus(brief);
            renew(nodes, brief);
            stage.resetLink();
            nodes.awaitLinks();
            Await.pass(Duration.between(Instant.now(), end));
            stage.flow();
            for (int i = 0; i < Nodes.EACH; i++) {
                if (nodes.linksOf(i) != Nodes.LINKS) {
                    throw new IOException("a link that was open has ended when its certificates expired");
                }
            }
            long refused = refused(nodes);
            stage.resetLink();
            stage.linkStaysAway(expired, "a link was made with certificates that have expired");
            if (refused(nodes) == refused) {
                throw new IOException("tls_refused_total does not tell that certificates have expired");
            }
        } finally {
            renew(nodes, Credentials.VALIDITY);
        }
        nodes.awaitLinks();
    }

    private static long refused(Nodes nodes) throws IOException, InterruptedException {
        return nodes.ofDoppler(Stage.VICTIM).sum("tls_refused_total", "port=\"link\"");
    }

    /** Puts new files in the place of the old, and waits until all servers use them. */
    private static void renew(Nodes nodes, Duration validity) throws IOException, InterruptedException {
        long[] before = new long[2 * Nodes.EACH];
        for (int i = 0; i < before.length; i++) {
            before[i] = reloads(nodes, i);
        }
        for (String name : RENEWED) {
            nodes.credentials().renew(name, validity);
        }
        for (int i = 0; i < before.length; i++) {
            int server = i;
            Await.until(Stage.LIMIT, "a server uses the new files", () -> reloads(nodes, server) > before[server]);
        }
    }

    private static long reloads(Nodes nodes, int server) throws IOException, InterruptedException {
        Samples samples =
                server < Nodes.EACH ? nodes.ofDoppler(server) : nodes.ofTrafficController(server - Nodes.EACH);
        return samples.sum("tls_reloads_total", "setting=\"ROUTER_CERT_FILE\"", "outcome=\"ok\"");
    }
}
