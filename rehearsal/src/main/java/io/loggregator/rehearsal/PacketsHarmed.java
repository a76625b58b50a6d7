package io.loggregator.rehearsal;

import io.loggregator.rehearsal.network.Harm;
import io.loggregator.rehearsal.network.Packets;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Packets are lost, late or doubled for a while. That TCP mends, as long as it can; links on which it takes longer than they
 * may be silent are lost, perhaps again and again.
 *
 * @param percent of the packets
 * @param ports on which
 */
record PacketsHarmed(Harm harm, int percent, Ports ports, Duration time) implements Rehearsal.Action {
    /** How often is looked whether a link is lost. */
    private static final Duration LOOK = Duration.ofMillis(200);

    /** Where it happens. */
    @FunctionalInterface
    interface Ports {
        List<Integer> of(Nodes nodes) throws IOException, InterruptedException;
    }

    /** Of the link that faults befall, on both sides of its proxy; so all links of that Doppler have their share. */
    static List<Integer> ofLink(Nodes nodes) throws IOException, InterruptedException {
        return List.of(
                nodes.link(Stage.VICTIM, Stage.VICTIM).port(),
                nodes.doppler(Stage.VICTIM).port("link"));
    }

    /** Of the router port of a Doppler. */
    static List<Integer> ofAgents(Nodes nodes) throws IOException, InterruptedException {
        return List.of(nodes.doppler(Stage.VICTIM).port("grpc"));
    }

    /** Of the Loggregator port. */
    static List<Integer> ofClients(Nodes nodes) throws IOException, InterruptedException {
        return List.of(nodes.trafficController(Stage.VICTIM).port("ws"));
    }

    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        long before = nodes.linksMade();
        Packets.Toll toll = Packets.harm(harm, percent, ports.of(nodes), () -> last(stage));
        nodes.awaitLinks();
        stage.tell(toll.struck() + " packets, which TCP noticed " + toll.noticed() + " times; "
                + (nodes.linksMade() - before) + " links made anew");
    }

    private void last(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        long end = System.nanoTime() + time.toNanos();
        long known = nodes.linksMade();
        while (System.nanoTime() - end < 0) {
            Await.pass(LOOK);
            long made = nodes.linksMade();
            if (made != known || !nodes.linked()) {
                known = made;
                stage.linksLost();
            }
        }
    }
}
