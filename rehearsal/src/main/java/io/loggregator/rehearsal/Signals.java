package io.loggregator.rehearsal;

import io.loggregator.benchmarks.process.Server;
import io.loggregator.rehearsal.nodes.Nodes;
import java.io.IOException;
import java.time.Duration;

/** What befalls processes by signals. */
final class Signals {
    private Signals() {}

    /** SIGKILL for the Traffic Controller, which is started again. */
    static void killTrafficController(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        nodes.kill(nodes.trafficController(Stage.VICTIM));
        nodes.restartTrafficController(Stage.VICTIM);
        // On a machine that is slow to start it others' links die, too.
        stage.linksLost();
    }

    /** SIGTERM for the Traffic Controller, which is started again. */
    static void stopTrafficController(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        nodes.terminate(nodes.trafficController(Stage.VICTIM));
        nodes.restartTrafficController(Stage.VICTIM);
    }

    /** SIGKILL for the Doppler, which is started again. */
    static void killDoppler(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        stage.killDoppler(() -> nodes.kill(nodes.doppler(Stage.VICTIM)));
    }

    /** SIGSTOP for the Traffic Controller, and after a while SIGCONT. */
    static void freezeTrafficController(Stage stage, Duration time) throws IOException, InterruptedException {
        freeze(stage.nodes().trafficController(Stage.VICTIM), () -> stage.holdLinks(time));
    }

    /** SIGSTOP for the Doppler, and after a while SIGCONT. */
    static void freezeDoppler(Stage stage, Duration time) throws IOException, InterruptedException {
        freeze(stage.nodes().doppler(Stage.VICTIM), () -> stage.hold(time));
        // Its Traffic Controllers may have given it up meanwhile, and it tells nothing while it is frozen.
        stage.linksLost();
    }

    /** SIGSTOP for the Doppler until the Traffic Controller has taken it for lost, and for a while more. */
    static void freezeDopplerTooLong(Stage stage, Duration afterwards) throws IOException, InterruptedException {
        freeze(stage.nodes().doppler(Stage.VICTIM), () -> {
            stage.awaitDopplerGivenUp();
            stage.hold(afterwards);
        });
        stage.linksLost();
    }

    private static void freeze(Server server, Hold hold) throws IOException, InterruptedException {
        server.signal("STOP");
        try {
            hold.last();
        } finally {
            server.signal("CONT");
        }
    }
}
