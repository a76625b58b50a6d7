package io.loggregator.nozzle.testkit;

import io.loggregator.nozzle.testkit.Item.Batch;
import io.loggregator.nozzle.testkit.Item.Loss;
import io.loggregator.stream.dispatch.Lag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;

/**
 * What a test sends on one path, and what became of it: a firehose's subscription, or an app's stream.
 *
 * <p>A firehose's subscription keeps what no client has acknowledged, and gives it again to the next; clients with the same
 * id take batches in turn. An app's stream goes to each of its clients whole: from where its {@code resume} says, else from
 * what is sent once it is there; what is sent before the first client waits for that one. Clients of v1 acknowledge by the
 * Pongs that their libraries send.
 *
 * <p>The script alone decides what is sent: what a client selects is seen ({@link ClientConnection#start()}), not applied.
 */
public final class ScriptedStream {
    private static final String POSITION = "test-kit-";

    private final String path;
    private final String app;
    private final boolean shared;
    private final Executor loop;
    private final Observed<Long> sent;
    private final Observed<Long> acknowledged;
    private final Observed<List<ClientConnection>> connections;

    // On the event loop.
    private final List<Item> script = new ArrayList<>();
    private final Deque<Item> pending = new ArrayDeque<>();
    private final Deque<ClientConnection> members = new ArrayDeque<>();
    private boolean hadClient;

    /** @param app whose stream it is; empty for a firehose's */
    ScriptedStream(String path, String app, Executor loop) {
        this.path = path;
        this.app = app;
        this.shared = app.isEmpty();
        this.loop = loop;
        this.sent = new Observed<>("envelopes written to clients of " + path, 0L);
        this.acknowledged = new Observed<>("envelopes acknowledged by clients of " + path, 0L);
        this.connections = new Observed<>("connections to " + path, List.of());
    }

    /** The path that it is served at. */
    public String path() {
        return path;
    }

    /** Sends these in one batch, as soon as a client with credit for it is there. */
    public ScriptedStream send(Envelope... envelopes) {
        return send(
                EnvelopeBatch.newBuilder().addAllBatch(Arrays.asList(envelopes)).build());
    }

    /** Sends a batch, as soon as a client with credit for it is there. */
    public ScriptedStream send(EnvelopeBatch batch) {
        return sendBytes(batch.toByteArray());
    }

    /** Sends the bytes of an {@code EnvelopeBatch}, whatever they are, as {@link #send(EnvelopeBatch)} does. */
    public ScriptedStream sendBytes(byte[] batch) {
        byte[] bytes = batch.clone();
        loop.execute(() -> add(Batch.of(script.size(), bytes)));
        return this;
    }

    /**
     * Tells of envelopes that do not come, at this place. A client of v1 is told by a log line of source type {@code LGR}
     * and a counter.
     *
     * @param count how many; 0: unknown
     * @param first when the first of them had come; null: unknown
     * @param last when the last of them had come; null: unknown
     * @param reason such as {@code lapped}
     */
    public ScriptedStream gap(long count, Instant first, Instant last, String reason) {
        loop.execute(() -> add(new Loss(script.size(), count, first, last, reason)));
        return this;
    }

    /**
     * Tells a client that it lags, at this place. A client of v1, and one that reads events, is told by a log line of source type
     * {@code LGR} and a counter.
     *
     * @param behind how long before the newest envelopes the oldest had come that it has not been sent
     * @param behindBytes bytes of the server's log from there on
     * @param limitBytes how many of them the server keeps whole
     */
    public ScriptedStream lagging(Duration behind, long behindBytes, long limitBytes) {
        Lag lag = new Lag(behind.toMillis(), behindBytes, limitBytes);
        loop.execute(() -> add(new Item.Lagging(script.size(), lag)));
        return this;
    }

    /** A gap of the reason {@code lapped}, at an unknown time. */
    public ScriptedStream gap(long count) {
        return gap(count, null, null, "lapped");
    }

    /** Envelopes written so far; those written again count again. */
    public Observed<Long> sent() {
        return sent;
    }

    /** Envelopes acknowledged so far. */
    public Observed<Long> acknowledged() {
        return acknowledged;
    }

    /** Waits until so many envelopes are acknowledged, at least. */
    public void awaitAcknowledged(long envelopes) {
        acknowledged.await(now -> now >= envelopes);
    }

    /** All that were ever opened, in order, those that ended included. */
    public Observed<List<ClientConnection>> connections() {
        return connections;
    }

    /** The connection that was opened as the {@code number}th, from 1, once it is there. */
    public ClientConnection awaitConnection(int number) {
        return connections.await(all -> all.size() >= number).get(number - 1);
    }

    static String position(int index) {
        return POSITION + index;
    }

    boolean shared() {
        return shared;
    }

    /** What v1's notices of loss are put under. */
    String noticeSource() {
        return shared ? "system" : app;
    }

    private void add(Item item) {
        script.add(item);
        if (shared || !hadClient) {
            pending.add(item);
        } else {
            members.forEach(member -> member.own().add(item));
        }
        pump();
    }

    void opened(ClientConnection connection) {
        connections.change(Observed.adding(connection));
    }

    /**
     * The client may be sent to.
     *
     * @param resume a position; empty: none
     */
    void joined(ClientConnection connection, String resume) {
        if (!shared) {
            if (resume.matches(POSITION + "[0-9]{1,9}")) {
                int from = Integer.parseInt(resume.substring(POSITION.length()));
                connection.own().addAll(script.subList(Math.min(from, script.size()), script.size()));
            } else {
                connection.own().addAll(pending);
            }
            pending.clear();
        }
        hadClient = true;
        members.add(connection);
        pump();
    }

    /** @param unacknowledged in order */
    void left(ClientConnection connection, List<Item> unacknowledged) {
        members.remove(connection);
        if (shared) {
            for (int i = unacknowledged.size() - 1; i >= 0; i--) {
                pending.addFirst(unacknowledged.get(i));
            }
            pump();
        }
    }

    void acknowledged(Item item) {
        acknowledged.change(count -> count + item.envelopes());
    }

    /** Gives out what can be. */
    void pump() {
        int refusals = 0;
        while (refusals < members.size()) {
            ClientConnection member = members.poll();
            members.add(member);
            Deque<Item> from = shared ? pending : member.own();
            Item next = from.peek();
            if (next != null && member.takes(next)) {
                from.remove();
                member.give(next);
                sent.change(count -> count + next.envelopes());
                refusals = 0;
            } else {
                refusals++;
            }
        }
    }
}
