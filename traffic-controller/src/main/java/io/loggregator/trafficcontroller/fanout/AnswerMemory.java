package io.loggregator.trafficcontroller.fanout;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of answers about the recent past that are collected, or wait for their clients to read them. All event loops share
 * them, because one answer may be as large as all of them: shares would be too small for it, or together too much. Usable
 * from any thread.
 */
public final class AnswerMemory {
    /** Bytes of all answers, unless something else is told; more than a Doppler keeps of one app by default. */
    public static final int USUAL = 64 << 20;

    private final int most;
    private final AtomicLong taken = new AtomicLong();

    /** @param most what all answers may take, and so what one may */
    public AnswerMemory(int most) {
        this.most = most;
    }

    /** What one answer may take. */
    int most() {
        return most;
    }

    /** Takes some; false, and nothing is taken, if there are not as many. */
    boolean take(int bytes) {
        boolean fits = taken.addAndGet(bytes) <= most;
        if (!fits) {
            giveBack(bytes);
        }
        return fits;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
