package io.loggregator.rehearsal.proxy;

import java.time.Duration;

/** What may go in one direction, through all connections of a proxy. Usable from any thread. */
final class Passage {
    private static final long NANOS = 1_000_000_000;

    private boolean held; // all guarded by this
    private long bytesPerSecond;
    private long free;
    private long delayNanos;
    private long passed;

    synchronized void hold() {
        held = true;
        notifyAll();
    }

    synchronized void limit(long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
        free = System.nanoTime();
        notifyAll();
    }

    synchronized void delay(Duration time) {
        delayNanos = time.toNanos();
    }

    synchronized void heal() {
        held = false;
        bytesPerSecond = 0;
        delayNanos = 0;
        notifyAll();
    }

    synchronized long delayNanos() {
        return delayNanos;
    }

    synchronized long passed() {
        return passed;
    }

    synchronized void count(int bytes) {
        passed += bytes;
    }

    /** Waits while nothing goes. */
    synchronized void awaitOpen() throws InterruptedException {
        while (held) {
            wait();
        }
    }

    /**
     * Waits until some bytes may go.
     *
     * @param wanted at least 1
     * @param due {@link System#nanoTime()} before which they may not
     * @return how many of them
     */
    synchronized int awaitTurn(int wanted, long due) throws InterruptedException {
        while (true) {
            long now = System.nanoTime();
            long wait = due - now;
            if (held) {
                wait();
                continue;
            }
            if (bytesPerSecond > 0) {
                wait = Math.max(wait, free - now);
            }
            if (wait <= 0) {
                break;
            }
            wait(wait / 1_000_000, (int) (wait % 1_000_000));
        }
        if (bytesPerSecond == 0) {
            return wanted;
        }
        // A twentieth of a second's worth at a time, so that a narrow passage trickles.
        int now = (int) Math.min(wanted, Math.max(1, bytesPerSecond / 20));
        free = Math.max(free, System.nanoTime()) + now * NANOS / bytesPerSecond;
        return now;
    }
}
