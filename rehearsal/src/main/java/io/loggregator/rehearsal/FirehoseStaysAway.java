package io.loggregator.rehearsal;

import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.proxy.FaultProxy;
import java.io.IOException;
import java.time.Duration;

/**
 * The only client of a firehose is away for longer than its subscription waits, and comes back. What it misses was not for
 * it: the sum is exact, since the Dopplers say how much they accepted for the new one.
 */
record FirehoseStaysAway(Duration afterwards) implements Rehearsal.Action {
    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        String subscription = stage.alone().subscriptionOrNull();
        stage.inSilence(() -> {
            stage.doors().forEach(FaultProxy::cut);
            Await.until(Stage.LIMIT, "the client is away", () -> !stage.alone().open());
            stage.aloneBeginsAnew();
        });
        try {
            for (int i = 0; i < Nodes.EACH; i++) {
                int doppler = i;
                Await.until(
                        Stage.LIMIT,
                        "Doppler " + doppler + " has forgotten the subscription",
                        () -> !stage.nodes().ofDoppler(doppler).knows(subscription));
            }
            stage.hold(afterwards);
        } finally {
            stage.doors().forEach(FaultProxy::heal);
        }
        Await.until(Stage.LIMIT, "the client is back", () -> stage.alone().open());
    }
}
