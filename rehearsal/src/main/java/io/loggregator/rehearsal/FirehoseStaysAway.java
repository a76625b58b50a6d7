package io.loggregator.rehearsal;

import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.proxy.FaultProxy;
import java.io.IOException;
import java.time.Duration;

/**
 * The only client of a firehose is away for longer than its subscription waits, and comes back; one of v1, and one that
 * acknowledges. What it misses was not for it: the sum is exact, since the Dopplers say how much they accepted for the new
 * one.
 */
record FirehoseStaysAway(Duration afterwards) implements Rehearsal.Action {
    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        // What Dopplers tell of subscriptions may be a second old.
        awaitKnown(stage, true, "knows the subscriptions");
        stage.inSilence(() -> {
            stage.cutDoors();
            stage.behindDoorsLeave();
        });
        try {
            awaitKnown(stage, false, "has forgotten the subscriptions");
            stage.behindDoorsBeginAnew();
            stage.hold(afterwards);
        } finally {
            stage.doors().forEach(FaultProxy::heal);
        }
        stage.awaitBehindDoors();
    }

    private static void awaitKnown(Stage stage, boolean known, String what) throws IOException, InterruptedException {
        for (int i = 0; i < Nodes.EACH; i++) {
            int doppler = i;
            Await.until(Stage.LIMIT, "Doppler " + doppler + " " + what, () -> {
                Samples samples = stage.nodes().ofDoppler(doppler);
                return stage.behindDoors().stream()
                        .allMatch(reader -> samples.knows(reader.subscriptionOrNull()) == known);
            });
        }
    }
}
