package io.loggregator.rehearsal.nodes;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another process or thread does. */
public final class Await {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private Await() {}

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /**
     * Waits until something is so.
     *
     * @param what for the error, such as "a Doppler is ready"
     * @throws IOException it is not, after this time
     */
    public static void until(Duration limit, String what, Condition condition)
            throws IOException, InterruptedException {
        if (!within(limit, condition)) {
            throw new IOException("waited " + limit.toSeconds() + " s in vain until " + what);
        }
    }

    /** Waits until something is so, and tells whether it is. */
    public static boolean within(Duration limit, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end >= 0) {
                return false;
            }
            pause(POLL_NANOS);
        }
        return true;
    }

    /** Lets a time pass: how long a fault lasts. */
    public static void pass(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            pause(left);
        }
    }

    private static void pause(long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LockSupport.parkNanos(nanos);
    }
}
