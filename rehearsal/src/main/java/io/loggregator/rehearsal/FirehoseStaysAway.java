package io.loggregator.rehearsal;

import io.loggregator.rehearsal.proxy.FaultProxy;
import java.io.IOException;
import java.time.Duration;

/**
 * The only client of a firehose is away for longer than its subscription waits, and comes back; one of v1, one that
 * acknowledges, and one at the RLP port. What it misses was not for it: the sum is exact, since the Dopplers say how much they
 * accepted for the new one, and it is told that something is missing. A client of the gateway port says where it was, and gets what the logs still hold.
 */
record FirehoseStaysAway(Duration afterwards) implements Rehearsal.Action {
    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Audience audience = stage.audience();
        stage.awaitBehindDoorsKnown(Stage.DOPPLERS);
        stage.inSilence(() -> {
            audience.cutDoors();
            stage.behindDoorsLeave();
        });
        try {
            stage.awaitBehindDoorsForgotten(Stage.DOPPLERS);
            stage.hold(afterwards);
        } finally {
            audience.doors().forEach(FaultProxy::heal);
        }
        audience.awaitBehindDoors();
        stage.ledger().forgottenAreTold();
    }
}
