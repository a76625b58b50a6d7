package io.loggregator.trafficcontroller.fanout;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of answers about the recent past that are collected, or wait for their clients to read them. All event loops share
 * them, because one answer may be as large as all of them: shares would be too small for it, or together too much. Usable
 * from any thread.
 */
public final class AnswerMemory {
    /** What all answers may take, and so what one may; more than a Doppler keeps of one app by default. */
    static final int MOST = 64 << 20;

    private final AtomicLong taken = new AtomicLong();

    /** Takes some; false, and nothing is taken, if there are not as many. */
    boolean take(int bytes) {
        boolean fits = taken.addAndGet(bytes) <= MOST;
        if (!fits) {
            giveBack(bytes);
        }
        return fits;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
