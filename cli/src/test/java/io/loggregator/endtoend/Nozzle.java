package io.loggregator.endtoend;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.dropsonde.events.EventFactory;

/**
 * A v1 client on the JDK's WebSocket, which answers Pings by itself, after it has handed over what came before them.
 * Keeps what it receives.
 */
final class Nozzle implements AutoCloseable {
    /** How a connection ended. */
    record End(int code, String reason) {}

    private static final long LIMIT_SECONDS = 20;

    private final List<EventFactory.Envelope> received = new ArrayList<>(); // guarded by this
    private final List<String> lines = new ArrayList<>(); // guarded by this
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final WebSocket webSocket;

    private Nozzle(HttpClient client, URI uri, boolean reading) {
        webSocket = client.newWebSocketBuilder()
                .header("Authorization", "bearer token")
                .buildAsync(uri, new Reader(reading))
                .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    static Nozzle open(HttpClient client, URI uri) {
        return new Nozzle(client, uri, true);
    }

    /** One that leaves everything unread, Pings included. */
    static Nozzle notReading(HttpClient client, URI uri) {
        return new Nozzle(client, uri, false);
    }

    /** Everything received so far, in the order of arrival. */
    synchronized List<EventFactory.Envelope> received() {
        return List.copyOf(received);
    }

    /** How many envelopes of agents came: all but notices. */
    long envelopes() {
        return received().stream()
                .filter(envelope -> envelope.getOrigin().equals(Envelopes.ORIGIN))
                .count();
    }

    synchronized int count() {
        return received.size();
    }

    /** The text of every log line received so far, in the order of arrival. */
    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The lines that begin with one source's id and a colon. */
    List<String> linesOf(String source) {
        return lines().stream().filter(line -> line.startsWith(source + ":")).toList();
    }

    /** How often it was told that a Doppler is lost: each time by a line and a counter. */
    long lostDopplers() {
        return lines().stream()
                .filter(line -> line.startsWith("A Doppler was lost"))
                .count();
    }

    /** How many envelopes it was told it will not get. */
    long announced() {
        return received().stream()
                .filter(EventFactory.Envelope::hasCounterEvent)
                .map(EventFactory.Envelope::getCounterEvent)
                .filter(counter -> counter.getName().equals("TruncatingBuffer.DroppedMessages"))
                .mapToLong(counter -> counter.getDelta())
                .sum();
    }

    /** Has one that left everything unread read from now on. */
    void read() {
        read(Long.MAX_VALUE);
    }

    /** Has it read so many more messages. */
    void read(long messages) {
        webSocket.request(messages);
    }

    /** How the server closed the connection. */
    End end() {
        return end.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Says goodbye. */
    @Override
    public void close() {
        if (!webSocket.isOutputClosed()) {
            webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }
        webSocket.abort();
    }

    /** Goes without a word. */
    void vanish() {
        webSocket.abort();
    }

    private final class Reader extends EnvelopeListener {
        private final boolean reading;

        Reader(boolean reading) {
            this.reading = reading;
        }

        @Override
        public void onOpen(WebSocket opened) {
            if (reading) {
                super.onOpen(opened);
            }
        }

        @Override
        void take(EventFactory.Envelope envelope) {
            synchronized (Nozzle.this) {
                received.add(envelope);
                if (envelope.hasLogMessage()) {
                    lines.add(envelope.getLogMessage().getMessage().toStringUtf8());
                }
            }
        }

        @Override
        void broken(IOException problem) {
            end.completeExceptionally(problem);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end.complete(new End(code, reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            end.completeExceptionally(error);
        }
    }
}
