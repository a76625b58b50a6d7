package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.Dial;
import io.loggregator.nozzle.websocket.EventStream;
import io.loggregator.nozzle.websocket.Messages;
import io.loggregator.nozzle.websocket.Target;
import io.loggregator.nozzle.websocket.WebSocket;
import io.loggregator.wire.BatchCursor;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of a nozzle's connections, from its first attempt to the nozzle's end. Its thread connects, calls the handler and says
 * what was handled; while there is a stream a second thread reads it.
 */
final class Connection implements Runnable {
    static final int LARGEST_MESSAGE = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    /** After so many failures in a row even a nozzle that had a stream before gives up what cannot succeed. */
    private static final int LAST_CHANCE = 5;

    private static final long FAREWELL_MILLIS = 2_000;

    private final Options options;
    private final Tally tally;
    private final Supervisor supervisor;
    private final Inbox inbox = new Inbox();
    private final ArrayPool pool;
    private final Credentials credentials;
    private final BatchCursor strict = new BatchCursor(true);

    private volatile Dial dial;
    private volatile boolean streaming;

    // The connection's own.
    private String resume = "";
    private int failures;
    private boolean lasted;
    private boolean streamedBefore;

    /** Whoever runs the connections of a nozzle. */
    interface Supervisor {
        /** No new batches, please. */
        boolean stopping();

        /** Leave everything as it is. */
        boolean aborting();

        /** Whether it has a stream has changed, or why it has none. */
        void changed(Throwable trouble);
    }

    Connection(Options options, Tally tally, Supervisor supervisor) {
        this.options = options;
        this.tally = tally;
        this.supervisor = supervisor;
        this.pool = new ArrayPool(options.buffer());
        this.credentials = new Credentials(options.token(), inbox, supervisor::stopping);
    }

    /** Connects and reads until the nozzle is to stop. */
    @Override
    public void run() {
        try {
            while (!supervisor.stopping()) {
                pause(streamOnce());
            }
        } catch (InterruptedException e) {
            // The nozzle has no more time.
            return;
        }
    }

    /** @param trouble why there is no stream; null: because it was to end */
    private void pause(NozzleException trouble) throws InterruptedException {
        if (supervisor.stopping()) {
            return;
        }
        long pause;
        if (trouble == null) {
            // A server that ends each stream at once is not to be asked without a pause.
            pause = lasted ? 0 : options.backOff().pauseMillis(1);
        } else {
            tally.failures.increment();
            failures++;
            supervisor.changed(trouble);
            if (isHopeless(trouble)) {
                throw trouble;
            }
            pause = options.backOff().pauseMillis(failures);
            LOG.warn("{}: {}; trying again in {} ms", options.name(), trouble.getMessage(), pause);
        }
        inbox.await(supervisor::stopping, pause);
    }

    private boolean isHopeless(NozzleException trouble) {
        if (trouble instanceof UnauthorizedException && credentials.wereRefused()) {
            // Another token may help; one that was refused does not, and three of them neither.
            return credentials.exhausted() || failures >= LAST_CHANCE;
        }
        if (trouble instanceof HandlerFailedException) {
            return trouble.isFinal();
        }
        return trouble.isFinal() && (!streamedBefore || failures >= LAST_CHANCE);
    }

    /** Cuts what there is, from another thread. */
    void abort() {
        Dial current = dial;
        if (current != null) {
            current.abort();
        }
        wake();
    }

    /** Has the connection look whether it is to stop, from another thread. */
    void wake() {
        inbox.wake();
    }

    /** Ends an attempt to connect, which nobody waits for any more, from another thread. */
    void stopConnecting() {
        if (!streaming) {
            abort();
        } else {
            wake();
        }
    }

    boolean streaming() {
        return streaming;
    }

    long bufferedBytes() {
        return inbox.bytes();
    }

    /** Has a stream until it ends, and says why; null: because the nozzle stops, or the server ends it in good order. */
    private NozzleException streamOnce() throws InterruptedException {
        long begun = System.nanoTime();
        try {
            String token = credentials.token();
            Messages messages = open(Request.of(options, token, resume), token);
            if (messages == null) {
                return null;
            }
            try {
                return stream(messages, token);
            } finally {
                streaming = false;
                messages.abort();
                lasted = System.nanoTime() - begun > options.backOff().most().toNanos();
                if (lasted) {
                    failures = 0;
                }
            }
        } catch (NozzleException e) {
            return supervisor.stopping() ? null : e;
        }
    }

    /** Null: the nozzle stops. */
    private Messages open(Target target, String token) {
        Dial next = new Dial(target);
        dial = next;
        if (supervisor.stopping()) {
            return null;
        }
        try {
            Messages messages = next.open();
            credentials.accepted();
            return messages;
        } catch (IOException | RuntimeException e) {
            NozzleException trouble = Troubles.connecting(e, target);
            if (trouble instanceof UnauthorizedException) {
                credentials.refused(token);
            }
            throw trouble;
        }
    }

    private NozzleException stream(Messages messages, String token) throws InterruptedException {
        inbox.reset();
        Protocol protocol = protocol(messages);
        Thread reader = new Thread(
                () -> read(messages, protocol), Thread.currentThread().getName() + "-reader");
        reader.start();
        try {
            protocol.start();
            work(messages, protocol);
            return null;
        } catch (IOException e) {
            // What the reader was told says more than that nothing could be written.
            inbox.await(inbox::ended, FAREWELL_MILLIS);
            return ended(protocol, inbox.ended() ? inbox.endReason() : e, token);
        } catch (NozzleException e) {
            return e;
        } finally {
            inbox.discard();
            messages.abort();
            reader.join();
        }
    }

    private Protocol protocol(Messages messages) {
        if (messages instanceof EventStream events) {
            return new StreamEvents(events, options, resume, inbox, pool);
        }
        return messages instanceof WebSocket webSocket && webSocket.subprotocol()
                ? new StreamV2(webSocket, options, resume, inbox, pool)
                : new StreamV1(options, inbox, pool, tally);
    }

    private NozzleException ended(Protocol protocol, Throwable reason, String token) {
        if (protocol.finished()) {
            return null;
        }
        NozzleException trouble = Troubles.streaming(
                reason, protocol.ready(), (int) options.keepAlive().toMillis());
        if (trouble.getMessage().contains("access was revoked")) {
            credentials.revoked(token);
        }
        return trouble;
    }

    private void read(Messages messages, Protocol protocol) {
        try {
            while (true) {
                int length = messages.read(pool, protocol::idle);
                if (length == 0) {
                    throw new ProtocolException("an empty message");
                }
                protocol.received(messages.message(), length);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            inbox.end(e);
        }
    }

    private void work(Messages messages, Protocol protocol) throws IOException, InterruptedException {
        long pingMillis = Math.max(1, options.keepAlive().toMillis() / 3);
        Handling handling =
                new Handling(options.handler(), inbox, supervisor, protocol::flush, messages::ping, pingMillis);
        while (true) {
            if (!streaming && protocol.ready()) {
                streaming = true;
                tally.streams.increment();
                if (streamedBefore) {
                    tally.reconnects.increment();
                }
                streamedBefore = true;
                supervisor.changed(null);
            }
            if (supervisor.stopping()) {
                farewell(messages, protocol, handling);
                return;
            }
            Arrival arrival = inbox.poll();
            if (arrival != null && (!inbox.ended() || !protocol.redelivers())) {
                handle(arrival, protocol, handling);
            } else if (inbox.ended()) {
                throw Handling.asIOException(inbox.endReason());
            } else {
                await(messages, protocol, pingMillis);
            }
        }
    }

    /** Waits for something to do; when nothing comes, says what there is to say. */
    private void await(Messages messages, Protocol protocol, long pingMillis) throws IOException, InterruptedException {
        long flushMillis = protocol.flushMillis();
        boolean came = inbox.await(
                () -> !inbox.isEmpty() || inbox.ended() || supervisor.stopping() || (!streaming && protocol.ready()),
                Math.min(flushMillis, pingMillis));
        if (came) {
            return;
        }
        if (flushMillis < pingMillis) {
            protocol.flush();
        } else {
            messages.ping();
        }
    }

    private void handle(Arrival arrival, Protocol protocol, Handling handling)
            throws IOException, InterruptedException {
        if (arrival.gap() != null) {
            tally.gap(arrival.gap());
            handling.gap(arrival.gap());
        }
        if (arrival.lagging() != null) {
            handling.lagging(arrival.lagging());
        }
        Batch batch = arrival.batch();
        if (batch != null) {
            if (!batch.sound(strict)) {
                throw new ProtocolException("a batch that is none, or not of as many envelopes as it says");
            }
            tally.envelopes.add(batch.size());
            tally.bytes.add(batch.byteSize());
            tally.batches.increment();
            tally.lagNanos =
                    Math.max(0, TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) - batch.newestTimestamp());
            try {
                handling.batch(batch);
            } catch (HandlerFailedException e) {
                tally.failedBatches.increment();
                throw e;
            }
            tally.handled.increment();
            failures = 0;
        }
        if (!arrival.position().isEmpty()) {
            resume = arrival.position();
        }
        if (!inbox.ended()) {
            protocol.handled(arrival);
        }
        if (batch != null) {
            batch.release();
        }
    }

    /** Handles what would not come again, says what was handled, and lets the server close. */
    private void farewell(Messages messages, Protocol protocol, Handling handling) throws InterruptedException {
        try {
            protocol.flush();
            messages.close();
            if (protocol.redelivers()) {
                inbox.discard();
            }
            long cut = System.nanoTime() + FAREWELL_MILLIS * 1_000_000;
            inbox.await(() -> inbox.ended() || !inbox.isEmpty(), FAREWELL_MILLIS);
            for (Arrival last = inbox.poll(); last != null; last = inbox.poll()) {
                handle(last, protocol, handling);
                if (System.nanoTime() - cut > 0) {
                    // Who has not understood by now goes on for ever.
                    messages.abort();
                }
                inbox.await(() -> inbox.ended() || !inbox.isEmpty(), FAREWELL_MILLIS);
            }
        } catch (IOException | NozzleException e) {
            LOG.info("{}: the last stream ended early: {}", options.name(), e.getMessage());
        }
    }
}
