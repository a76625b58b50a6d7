package io.loggregator.endtoend;

import java.io.IOException;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.cloudfoundry.dropsonde.events.EventFactory;

/**
 * A client of the firehose that behaves as nozzles do: answers Pings, and when its connection ends, connects at once to
 * the next Traffic Controller that takes it.
 */
final class RoamingReader implements AutoCloseable {
    private static final long PAUSE_MILLIS = 20;

    private final Cluster cluster;
    private final String path;
    private final Received received;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile WebSocket webSocket;
    private volatile boolean closed;
    private volatile Throwable broken;

    /** @param received told every line, shared by the clients of one subscription */
    RoamingReader(Cluster cluster, int first, String subscription, Received received) {
        this.cluster = cluster;
        this.path = "/firehose/" + subscription;
        this.received = received;
        connect(first);
    }

    private void connect(int trafficController) {
        if (closed) {
            return;
        }
        int next = (trafficController + 1) % cluster.trafficControllerCount();
        cluster.webSocket(trafficController, path, new Reader(next)).whenComplete((opened, refused) -> {
            if (refused != null) {
                later(next);
            }
        });
    }

    private void later(int trafficController) {
        CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)
                .execute(() -> connect(trafficController));
    }

    /** How many connections were opened so far. */
    int connections() {
        return connections.get();
    }

    /** What came that was no envelope, or null. */
    Throwable broken() {
        return broken;
    }

    @Override
    public void close() {
        closed = true;
        if (webSocket != null) {
            webSocket.abort();
        }
    }

    private final class Reader extends EnvelopeListener {
        private final int next;

        Reader(int next) {
            this.next = next;
        }

        @Override
        public void onOpen(WebSocket opened) {
            webSocket = opened;
            connections.incrementAndGet();
            super.onOpen(opened);
        }

        @Override
        void take(EventFactory.Envelope envelope) {
            if (envelope.hasLogMessage()) {
                received.take(envelope.getLogMessage().getMessage());
            }
        }

        @Override
        void broken(IOException problem) {
            broken = problem;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            connect(next);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            connect(next);
        }
    }
}
