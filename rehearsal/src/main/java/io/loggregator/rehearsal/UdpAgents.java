package io.loggregator.rehearsal;

import io.loggregator.rehearsal.nodes.Await;
import io.loggregator.rehearsal.nodes.Nodes;
import io.loggregator.rehearsal.nodes.Samples;
import io.loggregator.rehearsal.traffic.DatagramEmitter;
import java.io.IOException;
import java.time.Duration;

/**
 * An agent sends signed datagrams, too, to a Doppler that hangs for a while: the kernel drops what its socket has no room
 * for, and the Doppler counts every one of them.
 */
record UdpAgents(Duration time) implements Rehearsal.Action {
    private static final Duration BEFORE = Duration.ofSeconds(1);

    @Override
    public void on(Stage stage) throws IOException, InterruptedException {
        Nodes nodes = stage.nodes();
        DatagramEmitter agent = stage.datagrams();
        Samples before = nodes.ofDoppler(Stage.VICTIM);
        try {
            agent.resume();
            stage.hold(BEFORE);
            Signals.freezeDoppler(stage, time);
            nodes.awaitLinks();
            stage.hold(BEFORE);
        } finally {
            agent.pause();
        }
        // The kernel's drops are looked at once a second.
        Await.until(Stage.LIMIT, "every datagram was received, or counted as dropped by the kernel", () -> {
            Samples now = nodes.ofDoppler(Stage.VICTIM);
            return received(now) - received(before) + dropped(now) - dropped(before) == agent.sent();
        });
        if (dropped(nodes.ofDoppler(Stage.VICTIM)) == dropped(before)) {
            throw new IOException("a Doppler that hangs has lost no datagram");
        }
    }

    /** Datagrams that a Doppler has received, good or bad. */
    static long received(Samples samples) {
        return samples.sum("listeners_received_messages_total", "protocol=\"udp\"");
    }

    /** Datagrams that the kernel had no room for. */
    static long dropped(Samples samples) {
        return samples.sum("udp_kernel_drops_total");
    }
}
