package io.loggregator.nozzle.emitter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** Envelopes that wait to be sent, as records of a batch, bounded in bytes. Thread-safe; nobody holds its lock for long. */
final class Backlog {
    /** More than that in one message is refused, and with it the stream. */
    private static final int LARGEST = 10 << 20;

    private final long mostBytes;
    private final int mostInBatch;
    private final long longestNanos;

    // Under the lock of this object.
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long bytes;
    private long dropped;
    private boolean closed;

    private record Waiting(byte[] envelope, long since) {}

    /**
     * @param mostBytes that wait, with what they need in a batch
     * @param mostInBatch after so many a batch is due
     * @param longestNanos after so long a batch is due, however small
     */
    Backlog(long mostBytes, int mostInBatch, long longestNanos) {
        this.mostBytes = mostBytes;
        this.mostInBatch = mostInBatch;
        this.longestNanos = longestNanos;
    }

    /** False: there was no room, it is too large, or this is closed, and the envelope is counted as dropped. */
    synchronized boolean add(byte[] envelope) {
        int size = Records.size(envelope);
        if (closed || size > Math.min(LARGEST, mostBytes - bytes)) {
            dropped++;
            return false;
        }
        waiting.add(new Waiting(envelope, System.nanoTime()));
        bytes += size;
        if (waiting.size() == 1 || waiting.size() == mostInBatch) {
            notifyAll();
        }
        return true;
    }

    /** Waits until a batch is due; at once when closed. False: it is closed and empty. */
    synchronized boolean awaitBatch() throws InterruptedException {
        while (!closed && waiting.size() < mostInBatch) {
            if (waiting.isEmpty()) {
                wait();
            } else {
                long left = longestNanos - (System.nanoTime() - waiting.peek().since());
                if (left <= 0) {
                    return true;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        }
        return !waiting.isEmpty();
    }

    /** Takes up to a batch's number of envelopes, but no more bytes than fit into a message, or one envelope. */
    synchronized Records take(int mostMessageBytes) {
        Records records = new Records();
        while (!waiting.isEmpty() && records.count() < mostInBatch) {
            byte[] next = waiting.peek().envelope();
            if (records.count() > 0 && records.bytes() + Records.size(next) > mostMessageBytes) {
                break;
            }
            records.add(next);
            waiting.remove();
            bytes -= Records.size(next);
        }
        return records;
    }

    /** Takes no more. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Counts as dropped what still waits. */
    synchronized void giveUp() {
        dropped += waiting.size();
        waiting.clear();
        bytes = 0;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized long dropped() {
        return dropped;
    }

    synchronized long waiting() {
        return waiting.size();
    }

    /** Waits for so long, or until it is closed if it is not yet. */
    synchronized void pause(long millis) throws InterruptedException {
        boolean already = closed;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (long left = end - System.nanoTime(); closed == already && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
