package io.loggregator.endtoend;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.http.WebSocket;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.dropsonde.events.EventFactory;

/** A v1 client that keeps numbers of what it receives, however much that is. */
final class TallyingReader extends EnvelopeListener implements AutoCloseable {
    private static final ByteString PROBE = ByteString.copyFromUtf8("probe-");

    private final Received lines = new Received();
    private final BitSet metrics = new BitSet(); // guarded by this
    private final WebSocket webSocket;
    private int probes; // guarded by this
    private long announced; // guarded by this
    private Throwable broken; // guarded by this

    TallyingReader(Cluster cluster, int trafficController, String path) {
        webSocket = cluster.webSocket(trafficController, path, this)
                .orTimeout(Cluster.LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** How many different lines, by the beginning of their text, have come. */
    long lines(String prefix) {
        return lines.distinct(prefix);
    }

    /** How many probes have come, which are no lines. */
    synchronized int probes() {
        return probes;
    }

    /** How many lines came twice. */
    long duplicates() {
        return lines.duplicates();
    }

    /** How many different counters have come, by their totals. */
    synchronized int metrics() {
        return metrics.cardinality();
    }

    /** How many envelopes it was told it will not get. */
    synchronized long announced() {
        if (broken != null) {
            throw new AssertionError(broken);
        }
        return announced;
    }

    /** For {@link Cluster#probeLines} of one agent: that a probe has come. */
    List<String> probed() {
        return probes() > 0 ? List.of("probe-0:") : List.of();
    }

    @Override
    synchronized void take(EventFactory.Envelope envelope) {
        if (envelope.hasLogMessage() && envelope.getOrigin().equals(Envelopes.ORIGIN)) {
            ByteString line = envelope.getLogMessage().getMessage();
            if (line.startsWith(PROBE)) {
                probes++;
            } else {
                lines.take(line);
            }
        } else if (envelope.hasCounterEvent()) {
            if (envelope.getCounterEvent().getName().equals("TruncatingBuffer.DroppedMessages")) {
                announced += envelope.getCounterEvent().getDelta();
            } else {
                metrics.set((int) envelope.getCounterEvent().getTotal());
            }
        }
    }

    @Override
    synchronized void broken(IOException problem) {
        broken = problem;
    }

    @Override
    public synchronized void onError(WebSocket from, Throwable error) {
        broken = error;
    }

    @Override
    public void close() {
        webSocket.abort();
    }
}
