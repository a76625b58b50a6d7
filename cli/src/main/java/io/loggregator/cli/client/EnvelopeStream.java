package io.loggregator.cli.client;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One WebSocket to a Traffic Controller, read by one thread. What has arrived and was not yet taken is bounded: beyond
 * it the socket is not read, and the server notices. Pings are answered by the connection itself.
 */
public final class EnvelopeStream implements Arrivals {
    /** Longer than any server accepts an envelope to be. */
    static final int MAX_MESSAGE_BYTES = 12 << 20;

    private static final long PAUSE_AT_BYTES = 4 << 20;
    private static final long RESUME_AT_BYTES = 1 << 20;
    /** What a message of no length costs. */
    private static final int MESSAGE_OVERHEAD_BYTES = 128;

    private static final Buffer END = Buffer.buffer();
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final ClientWebSocket socket;
    private final BlockingQueue<Buffer> arrived = new LinkedBlockingQueue<>();
    private final AtomicLong arrivedBytes = new AtomicLong();

    /** Written by the event loop, read by the reader after it took END. */
    private volatile String endReason;

    // What follows belongs to the event loop.
    private boolean paused;
    private boolean closed;
    private boolean ended;
    private long silenceTimer = NO_TIMER;
    private long lastSignNanos;

    /** Of a client with one event loop. */
    EnvelopeStream(Vertx vertx, ClientWebSocket socket) {
        this.vertx = vertx;
        this.socket = socket;
        socket.frameHandler(frame -> lastSignNanos = System.nanoTime());
        socket.binaryMessageHandler(this::arrive);
        socket.exceptionHandler(this::fail);
        socket.endHandler(end -> ended());
        socket.closeHandler(closed -> afterwards());
    }

    /** From now on the connection ends when the server gives no sign of life for so long. */
    void watchSilence(Duration limit) {
        vertx.runOnContext(now -> {
            lastSignNanos = System.nanoTime();
            if (!ended) {
                silenceTimer =
                        vertx.setPeriodic(Math.max(1, limit.toMillis() / 5), timer -> checkSilence(limit.toNanos()));
            }
        });
    }

    /** Sends a binary message; nothing if the connection has ended. */
    void send(byte[] message) {
        vertx.runOnContext(now -> {
            if (!closed) {
                var unused = socket.writeBinaryMessage(Buffer.buffer(message));
            }
        });
    }

    @Override
    public boolean isV2() {
        return false;
    }

    @Override
    public byte[] poll() {
        return taken(arrived.poll());
    }

    @Override
    public byte[] take() throws InterruptedException {
        return taken(arrived.take());
    }

    @Override
    public void handled() {
        // v1 has no word for it.
    }

    @Override
    public String endReason() {
        String reason = endReason;
        return reason == null ? "the connection was lost" : reason;
    }

    /** Ends it with close code 1000, after what was sent. */
    @Override
    public void close() {
        vertx.runOnContext(now -> {
            var unused = socket.close();
        });
    }

    private byte[] taken(Buffer message) {
        if (message == null) {
            return null;
        }
        if (message == END) {
            // Stays the last element for whoever asks again.
            arrived.add(END);
            return null;
        }
        long left = arrivedBytes.addAndGet(-weight(message));
        if (left <= RESUME_AT_BYTES && left + weight(message) > RESUME_AT_BYTES) {
            vertx.runOnContext(now -> resume());
        }
        return message.getBytes();
    }

    private void arrive(Buffer message) {
        arrived.add(message);
        if (arrivedBytes.addAndGet(weight(message)) > PAUSE_AT_BYTES && !paused && !closed) {
            paused = true;
            socket.pause();
        }
    }

    private void resume() {
        if (paused && arrivedBytes.get() <= RESUME_AT_BYTES) {
            paused = false;
            lastSignNanos = System.nanoTime();
            socket.resume();
        }
    }

    /** Also what the connection itself would live on after, such as a message too long. */
    private void fail(Throwable failure) {
        if (endReason == null) {
            endReason = failure.getMessage();
        }
        var unused = socket.close();
    }

    /** A connection that is cut has no end of its own: what it brought is all there will be. */
    private void afterwards() {
        closed = true;
        socket.resume();
        vertx.runOnContext(now -> ended());
    }

    private void ended() {
        if (ended) {
            return;
        }
        ended = true;
        if (silenceTimer != NO_TIMER) {
            vertx.cancelTimer(silenceTimer);
        }
        Short code = socket.closeStatusCode();
        if (endReason == null && code != null) {
            String reason = socket.closeReason();
            endReason = "the server closed the connection with " + code
                    + (reason == null || reason.isEmpty() ? "" : ": " + reason);
        }
        arrived.add(END);
    }

    private void checkSilence(long limitNanos) {
        if (!paused && System.nanoTime() - lastSignNanos > limitNanos) {
            endReason = "no sign of life from the server for "
                    + Duration.ofNanos(limitNanos).toSeconds() + " s";
            var unused = socket.close();
        }
    }

    private static long weight(Buffer message) {
        return (long) message.length() + MESSAGE_OVERHEAD_BYTES;
    }
}
