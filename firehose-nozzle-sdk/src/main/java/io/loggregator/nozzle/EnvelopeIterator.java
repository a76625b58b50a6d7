package io.loggregator.nozzle;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The envelopes of a nozzle one by one, for scripts; see {@link Nozzle.Builder#iterate()}. A batch is acknowledged when one
 * asks for more than its last envelope, or closes behind it. One thread at a time iterates; any may close.
 */
public final class EnvelopeIterator implements Iterator<Envelope>, AutoCloseable {
    // A queue takes no null.
    private static final Object END = new Object();

    private final LinkedBlockingQueue<Object> handed = new LinkedBlockingQueue<>();
    private final Nozzle nozzle;
    private Handed current; // guarded by this

    EnvelopeIterator(Nozzle.Builder builder) {
        nozzle = builder.handler(batch -> {
                    Handed next = new Handed(batch);
                    handed.add(next);
                    return next.stage;
                })
                .build();
        nozzle.ended().whenComplete((nothing, failure) -> handed.add(END));
        nozzle.start();
    }

    /** The nozzle that is read. */
    public Nozzle nozzle() {
        return nozzle;
    }

    /**
     * Waits for the next envelope. False: the iterator was closed.
     *
     * @throws NozzleException there can be none any more
     */
    @Override
    public boolean hasNext() {
        while (true) {
            synchronized (this) {
                if (current != null) {
                    if (current.envelopes.hasNext()) {
                        return true;
                    }
                    current.stage.complete(null);
                    current = null;
                }
            }
            Object next;
            try {
                next = handed.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CompletionException("interrupted while waiting for an envelope", e);
            }
            if (next == END) {
                handed.add(END);
                return ended();
            }
            synchronized (this) {
                current = (Handed) next;
            }
        }
    }

    private boolean ended() {
        try {
            nozzle.awaitEnd();
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public Envelope next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        synchronized (this) {
            return current.envelopes.next();
        }
    }

    /** Stops the nozzle. What was not iterated is not acknowledged. */
    @Override
    public void close() {
        nozzle.stop();
        synchronized (this) {
            if (current != null) {
                current.abandon();
            }
        }
        // What its connections hand out in this moment is not read by anybody either.
        nozzle.ended().whenComplete((nothing, failure) -> handed.add(END));
        Thread closer = new Thread(this::abandonRest, "nozzle-iterator-close");
        closer.start();
        nozzle.close();
    }

    private void abandonRest() {
        try {
            for (Object next = handed.take(); next != END; next = handed.take()) {
                ((Handed) next).abandon();
            }
            handed.add(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
