package io.loggregator.rehearsal;

import io.loggregator.benchmarks.process.Server;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.proxy.Direction;
import io.loggregator.rehearsal.proxy.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Nothing is heard of a Traffic Controller for longer than subscriptions wait, so that Dopplers forget those that only it has
 * clients of. When it is heard again, every reader that misses something has to be told so, and how much may be missing is
 * known: what no Doppler accepted for the subscriptions that begin anew.
 */
final class SilentForTooLong {
    private SilentForTooLong() {}

    /** The Traffic Controller hangs: nobody hears of it. */
    static void freeze(Stage stage, Duration afterwards) throws IOException, InterruptedException {
        Server server = stage.nodes().trafficController(Stage.VICTIM);
        stage.awaitBehindDoorsKnown(Stage.DOPPLERS);
        try {
            stage.inSilence(() -> {
                long[] cut = cut(stage, Stage.DOPPLERS);
                server.signal("STOP");
                awaitCut(stage, Stage.DOPPLERS, cut);
                stage.behindDoorsLeave();
            });
            stage.awaitBehindDoorsForgotten(Stage.DOPPLERS);
            stage.hold(afterwards);
        } finally {
            server.signal("CONT");
        }
        heardAgain(stage);
    }

    /** A link is silent both ways: one Doppler does not hear of the Traffic Controller, which takes it for lost. */
    static void silence(Stage stage, Duration afterwards) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        FaultProxy link = nodes.link(Stage.VICTIM, Stage.VICTIM);
        List<Integer> one = List.of(Stage.VICTIM);
        stage.awaitBehindDoorsKnown(one);
        try {
            stage.inSilence(() -> {
                long[] cut = cut(stage, one);
                link.hold(Direction.FORTH);
                link.hold(Direction.BACK);
                awaitCut(stage, one, cut);
                Await.until(
                        Stage.LIMIT,
                        "the Traffic Controller has given the links up",
                        () -> nodes.linksOf(Stage.VICTIM) == Nodes.LINKS - Nodes.EVENT_LOOPS);
                stage.behindDoorsLeave();
            });
            stage.awaitBehindDoorsForgotten(one);
            stage.awaitDopplerGivenUp();
            stage.hold(afterwards);
        } finally {
            link.heal();
        }
        heardAgain(stage);
    }

    private static void heardAgain(Stage stage) throws IOException, InterruptedException {
        stage.nodes().awaitLinks();
        stage.flow();
        stage.ledger().heardAgain(stage.sent());
    }

    /** The Dopplers have heard nothing for three pings; nothing was on its way. */
    private static void awaitCut(Stage stage, List<Integer> dopplers, long[] before)
            throws IOException, InterruptedException {
        Await.until(Stage.LIMIT, "the Dopplers have given the links up", () -> {
            long[] now = cut(stage, dopplers);
            for (int i = 0; i < now.length; i++) {
                if (now[i] < before[i] + Nodes.EVENT_LOOPS) {
                    return false;
                }
            }
            return true;
        });
    }

    /** How many links each of the Dopplers has given up because they were silent. */
    private static long[] cut(Stage stage, List<Integer> dopplers) throws IOException, InterruptedException {
        long[] cut = new long[dopplers.size()];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = stage.nodes().ofDoppler(dopplers.get(i)).sum("link_refused_total", "reason=\"silent\"");
        }
        return cut;
    }
}
