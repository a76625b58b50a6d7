package io.loggregator.rehearsal.traffic;

import io.grpc.ManagedChannel;
import io.loggregator.benchmarks.load.IngressStream;
import io.loggregator.benchmarks.load.PreparedBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * An agent: sends numbered logs to one Doppler at a steady rate, over one stream for as long as it lives, then over another.
 * It sends only what a stream is ready for, and makes up for at most a second that it missed. A batch that is handed to a
 * stream counts as sent, whatever becomes of the stream.
 */
public final class SteadyEmitter implements AutoCloseable {
    /** Envelopes in a batch. */
    public static final int BATCH = 20;

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long MAKE_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<ManagedChannel> channels;
    private final PreparedBatch batch;
    private final int rate;
    private final Thread thread;
    private final int allSources;

    private int phase; // from here guarded by this
    private long[] next;
    private boolean sending;
    private long[] beforePresentStream;
    private long overPresentStream;
    private int streams;
    private volatile double times = 1;
    private volatile boolean closed;

    /**
     * Connects, and sends nothing yet.
     *
     * @param channels a new connection each time
     * @param sources numbers of the sources it sends logs of, in turn
     * @param allSources how many sources there are, other emitters' included
     * @param rate envelopes a second
     */
    public SteadyEmitter(Supplier<ManagedChannel> channels, int[] sources, int allSources, int rate) {
        this.channels = channels;
        int[] names = new int[BATCH];
        for (int i = 0; i < BATCH; i++) {
            names[i] = sources[i % sources.length];
        }
        batch = PreparedBatch.of(names);
        this.allSources = allSources;
        next = new long[allSources];
        beforePresentStream = new long[allSources];
        this.rate = rate;
        thread = new Thread(this::run, "emitter");
        thread.setDaemon(true);
        thread.start();
    }

    /** Begins a phase: sends logs of it, numbered from 0 in each source. */
    public synchronized void begin(int newPhase) {
        phase = newPhase;
        next = new long[allSources];
        beforePresentStream = new long[allSources];
        sending = true;
    }

    /** Goes on with the phase after a {@link #pause}. */
    public synchronized void resume() {
        sending = true;
    }

    /** Ends the phase, or interrupts it; when this returns, nothing more is sent. */
    public synchronized void pause() {
        sending = false;
    }

    /** How many logs of each source were sent in this phase. */
    public synchronized long[] sent() {
        return next.clone();
    }

    /** How many logs of each source were sent in this phase over streams that have ended. */
    public synchronized long[] sentBeforePresentStream() {
        return beforePresentStream.clone();
    }

    /** Sends so many times the rate, until told otherwise; slower with less than 1. */
    public void faster(double newTimes) {
        times = newTimes;
    }

    /** How many logs the present stream was handed, in all phases. */
    public synchronized long overPresentStream() {
        return overPresentStream;
    }

    /** How many streams have been opened so far. */
    public synchronized int streams() {
        return streams;
    }

    private void run() {
        while (!closed) {
            IngressStream stream = new IngressStream(channels.get());
            try {
                send(stream);
            } catch (IOException ended) {
                LockSupport.parkNanos(LOOK_NANOS);
            } finally {
                stream.close();
            }
        }
    }

    private void send(IngressStream stream) throws IOException {
        boolean opened = false;
        long due = System.nanoTime();
        while (!closed) {
            if (!stream.awaitReady(System.nanoTime() + LOOK_NANOS)) {
                continue;
            }
            if (!opened) {
                opened = true;
                open();
            }
            long now = System.nanoTime();
            if (now - due < 0) {
                LockSupport.parkNanos(due - now);
                continue;
            }
            due = Math.max(due + (long) (TimeUnit.SECONDS.toNanos(BATCH) / (rate * times)), now - MAKE_UP_NANOS);
            hand(stream);
        }
    }

    private synchronized void open() {
        streams++;
        overPresentStream = 0;
        beforePresentStream = next.clone();
    }

    private synchronized void hand(IngressStream stream) {
        if (sending) {
            batch.stamp(phase, next, System.nanoTime());
            stream.send(batch.bytes());
            overPresentStream += BATCH;
        }
    }

    /** Ends it, whatever is on its way. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
