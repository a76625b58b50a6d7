package io.loggregator.doppler.dropsonde;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds the memory of frames that have come in part, of all connections to a port together. */
final class PartialFrames {
    private final long budget;
    private final AtomicLong bytes = new AtomicLong();

    /** @param budget bytes */
    PartialFrames(long budget) {
        this.budget = budget;
    }

    /** Takes so many bytes, unless there is no room for them; from any thread. */
    boolean take(int more) {
        long taken;
        do {
            taken = bytes.get();
            if (more > 0 && taken + more > budget) {
                return false;
            }
        } while (!bytes.compareAndSet(taken, taken + more));
        return true;
    }

    /** They are used no more. */
    void release(int taken) {
        bytes.addAndGet(-taken);
    }

    long bytes() {
        return bytes.get();
    }

    long budget() {
        return budget;
    }
}
