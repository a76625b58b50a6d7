package io.loggregator.nozzle;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;

/** What a connection has received and not handled; what its thread waits at, whatever it waits for. */
final class Inbox {
    private final ArrayDeque<Arrival> arrivals = new ArrayDeque<>(); // all guarded by this
    private long bytes;
    private boolean discarding;
    private boolean ended;
    private Throwable end;

    /** Begins anew, for the next stream. */
    synchronized void reset() {
        drop();
        discarding = false;
        ended = false;
        end = null;
    }

    /** Adds an arrival; when nothing is wanted any more, drops it. */
    synchronized void add(Arrival arrival) {
        if (discarding) {
            release(arrival);
            return;
        }
        arrivals.add(arrival);
        bytes += arrival.bytes();
        notifyAll();
    }

    /** Adds what is to be handled before all that waits here, unless nothing is wanted any more. */
    synchronized void addFirst(Arrival arrival) {
        if (!discarding) {
            arrivals.addFirst(arrival);
            notifyAll();
        }
    }

    /** Nothing of what is here and what comes is wanted: it was not handed out, and comes again. */
    synchronized void discard() {
        discarding = true;
        drop();
        notifyAll();
    }

    private void drop() {
        arrivals.forEach(Inbox::release);
        arrivals.clear();
        bytes = 0;
    }

    private static void release(Arrival arrival) {
        if (arrival.batch() != null) {
            arrival.batch().release();
        }
    }

    /** Nothing will come any more, for this reason. */
    synchronized void end(Throwable reason) {
        ended = true;
        end = reason;
        notifyAll();
    }

    synchronized boolean ended() {
        return ended;
    }

    synchronized Throwable endReason() {
        return end;
    }

    synchronized Arrival poll() {
        Arrival arrival = arrivals.poll();
        if (arrival != null) {
            bytes -= arrival.bytes();
            notifyAll();
        }
        return arrival;
    }

    synchronized boolean isEmpty() {
        return arrivals.isEmpty();
    }

    /** How many bytes wait here. */
    synchronized long bytes() {
        return bytes;
    }

    /** Has everybody who waits look again. */
    synchronized void wake() {
        notifyAll();
    }

    /** Waits until the condition holds, which is told of by {@link #wake}; false: it did not within this time. */
    synchronized boolean await(BooleanSupplier condition, long millis) throws InterruptedException {
        long deadline = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }

    /** Waits until less than so much is here. */
    synchronized void awaitRoom(long limit) throws InterruptedException {
        while (bytes >= limit && !discarding && !ended) {
            wait();
        }
    }
}
