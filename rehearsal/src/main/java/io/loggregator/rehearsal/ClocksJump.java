package io.loggregator.rehearsal;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.nodes.WallClock;
import io.loggregator.rehearsal.proxy.FaultProxy;
import io.loggregator.rehearsal.traffic.Caller;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The wall clock of a Doppler, then that of a Traffic Controller, is set hours forward, then hours back, then right again,
 * while the servers run. Nothing is lost, comes twice or late, or ends; recent logs are kept, and so is a subscription whose
 * client is away in the moment in which the time that it waits for seems over.
 */
record ClocksJump(Duration each) implements Rehearsal.Action {
    /** Longer than anything is kept by time, and within what certificates are valid for. */
    private static final Duration JUMP = Duration.ofHours(2);

    private static final Duration SLACK = Duration.ofMinutes(5);
    /** Longer than a Doppler takes to look for what it may forget. */
    private static final Duration LOOKED = Duration.ofMillis(1_500);

    private static final String RECENT_LOGS = "/apps/" + PreparedBatch.sourceId(Stage.APP) + "/recentlogs";

    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        Server doppler = nodes.doppler(Stage.VICTIM);
        WallClock ofDoppler = nodes.clockOfDoppler(Stage.VICTIM);
        Server trafficController = nodes.trafficController(Stage.VICTIM);
        WallClock ofTrafficController = nodes.clockOfTrafficController(Stage.VICTIM);
        long links = nodes.linksMade();
        try (Caller caller = stage.caller()) {
            stage.inSilence(() -> {
                stage.audience().cutDoors();
                forgetsNothing(stage, caller, () -> set(doppler, ofDoppler, JUMP));
            });
        } finally {
            stage.audience().doors().forEach(FaultProxy::heal);
        }
        stage.audience().awaitBehindDoors();
        stage.audience().goesOnThrough(() -> {
            goOn(stage);
            for (Duration ahead : List.of(JUMP.negated(), Duration.ZERO)) {
                set(doppler, ofDoppler, ahead);
                goOn(stage);
            }
            for (Duration ahead : List.of(JUMP, JUMP.negated(), Duration.ZERO)) {
                set(trafficController, ofTrafficController, ahead);
                goOn(stage);
            }
        });
        if (nodes.linksMade() != links) {
            throw new IOException("a link that was open has ended");
        }
        if (stage.arrivedAgainOrLate() > 0) {
            throw new IOException("something came twice or late");
        }
    }

    /** Nothing comes meanwhile, so what there was is all there is. */
    private static void forgetsNothing(Stage stage, Caller caller, Hold jump) throws IOException, InterruptedException {
        int before = caller.get(RECENT_LOGS).length;
        jump.last();
        Await.pass(LOOKED);
        if (caller.get(RECENT_LOGS).length != before) {
            throw new IOException("recent logs were forgotten because a clock was set");
        }
        Samples samples = stage.nodes().ofDoppler(Stage.VICTIM);
        if (!stage.audience().behindDoors().stream().allMatch(reader -> samples.knows(reader.ledgerOrNull()))) {
            throw new IOException("a subscription was forgotten because a clock was set");
        }
    }

    /** Returns when the server goes by it. */
    private static void set(Server server, WallClock clock, Duration ahead) throws IOException, InterruptedException {
        clock.set(ahead);
        Await.until(Stage.LIMIT, "the server's clock is set", () -> {
            Duration wrong = Duration.between(Instant.now().plus(ahead), Nodes.timeOf(server));
            return wrong.abs().compareTo(SLACK) < 0;
        });
    }

    private void goOn(Stage stage) throws IOException, InterruptedException {
        stage.flow();
        stage.hold(each);
    }
}
