package io.loggregator.rehearsal;

import io.loggregator.rehearsal.network.Host;
import io.loggregator.rehearsal.network.Hosts;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Place;
import java.io.IOException;
import java.time.Duration;

/**
 * Hosts that nobody reaches any more, and that reach nobody: connections of theirs are half open, since what would end them
 * does not get through.
 */
final class HostsFail {
    /** Links of a Traffic Controller that does not reach one of the Dopplers. */
    static final long WITHOUT_ONE = Nodes.LINKS - Nodes.EVENT_LOOPS;

    private static final int OTHER = (Stage.VICTIM + 1) % Nodes.EACH;
    private static final Duration FOUND_OUT = Duration.ofSeconds(10);

    private HostsFail() {}

    /** The Doppler's host is cut off for a while; it and all others go on. */
    static void dopplerUnplugged(Stage stage, Duration time) throws IOException, InterruptedException {
        unplugged(stage, Place.doppler(Stage.VICTIM), time, WITHOUT_ONE, WITHOUT_ONE);
    }

    /** The same of the Traffic Controller's. */
    static void trafficControllerUnplugged(Stage stage, Duration time) throws IOException, InterruptedException {
        unplugged(stage, Place.trafficController(Stage.VICTIM), time, 0, Nodes.LINKS);
    }

    private static void unplugged(Stage stage, String server, Duration time, long linksOfVictim, long linksOfOther)
            throws IOException, InterruptedException {
        Host host = stage.hosts().host(server);
        host.unplug();
        try {
            stage.holdLinks(time);
            awaitLeft(stage.nodes(), linksOfVictim, linksOfOther);
        } finally {
            host.plug();
        }
        stage.nodes().awaitLinks();
    }

    /** Waits, on a slow machine, until each Traffic Controller has found out who is silent, and has all other links. */
    static void awaitLeft(Nodes nodes, long linksOfVictim, long linksOfOther) throws IOException, InterruptedException {
        Await.until(
                FOUND_OUT,
                "the Traffic Controllers have " + linksOfVictim + " and " + linksOfOther + " links left",
                () -> nodes.linksOf(Stage.VICTIM) == linksOfVictim && nodes.linksOf(OTHER) == linksOfOther);
    }

    /** The Doppler's host vanishes with all that is on it, and after a while there is another with its address. */
    static void dopplerGone(Stage stage, Duration time) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        stage.killDoppler(() -> {
            stage.hosts().host(Place.doppler(Stage.VICTIM)).unplug();
            nodes.kill(nodes.doppler(Stage.VICTIM));
            stage.hold(time);
            stage.hosts().replace(Place.doppler(Stage.VICTIM));
        });
    }

    /** The same of the Traffic Controller's. */
    static void trafficControllerGone(Stage stage, Duration time) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        Hosts hosts = stage.hosts();
        hosts.host(Place.trafficController(Stage.VICTIM)).unplug();
        nodes.kill(nodes.trafficController(Stage.VICTIM));
        stage.linksLost();
        stage.hold(time);
        hosts.replace(Place.trafficController(Stage.VICTIM));
        nodes.restartTrafficController(Stage.VICTIM);
        // On a machine that is slow to start it others' links die, too.
        stage.linksLost();
    }
}
