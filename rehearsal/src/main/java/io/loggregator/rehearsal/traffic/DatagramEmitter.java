package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.udp.Datagram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An agent that sends numbered logs of one source as signed datagrams at a steady rate; nobody tells it what arrives. */
public final class DatagramEmitter implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Datagram datagram;
    private final DatagramChannel socket;
    private final long everyNanos;
    private final Thread thread;

    private int phase; // from here guarded by this
    private long next;
    private boolean sending;
    private volatile boolean closed;

    /**
     * Sends nothing yet.
     *
     * @param rate datagrams a second
     */
    public DatagramEmitter(InetSocketAddress doppler, int source, String secret, int rate) throws IOException {
        datagram = Datagram.of(source, secret);
        everyNanos = TimeUnit.SECONDS.toNanos(1) / rate;
        socket = DatagramChannel.open().connect(doppler);
        thread = new Thread(this::run, "datagrams");
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins a phase, with number 0, and sends nothing yet. */
    public synchronized void begin(int newPhase) {
        phase = newPhase;
        next = 0;
    }

    /** Sends from now on. */
    public synchronized void resume() {
        sending = true;
    }

    /** Sends nothing more when this returns. */
    public synchronized void pause() {
        sending = false;
    }

    /** How many logs were sent in this phase. */
    public synchronized long sent() {
        return next;
    }

    private void run() {
        long due = System.nanoTime();
        while (!closed) {
            long now = System.nanoTime();
            if (now - due < 0) {
                LockSupport.parkNanos(due - now);
            } else if (send()) {
                due = Math.max(due + everyNanos, now - LOOK_NANOS);
            } else {
                due = now + LOOK_NANOS;
            }
        }
    }

    private synchronized boolean send() {
        if (!sending) {
            return false;
        }
        datagram.stamp(phase, next++, System.nanoTime());
        try {
            socket.write(ByteBuffer.wrap(datagram.bytes()));
        } catch (IOException e) {
            throw new UncheckedIOException("a datagram was not sent", e);
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
            socket.close();
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        } catch (IOException gone) {
            // As was wanted.
        }
    }
}
