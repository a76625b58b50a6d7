package io.loggregator.doppler.limit;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What has been taken in the current second of one limit. All lanes draw on it, so that the limit is the Doppler's however
 * many connections a source comes by.
 */
final class Bucket {
    private static final long LOW = 0xffffffffL;

    private final Rate rate;
    private final String shown;
    /** The second in the upper half, what was taken in the lower. */
    private final AtomicLong state;

    private volatile boolean retired;

    /** @param shown the limit as it is told to those it concerns */
    Bucket(Rate rate, String shown, int second) {
        this.rate = rate;
        this.shown = shown;
        this.state = new AtomicLong((long) second << 32);
    }

    String shown() {
        return shown;
    }

    /**
     * Takes a line, if that is within the limit. A line larger than a limit of bytes is taken when it is the first.
     *
     * @param second of a clock that all lanes have in common and that is never set back
     * @param bytes size of the line's envelope
     */
    boolean take(int second, int bytes) {
        int cost = rate.bytes() ? bytes : 1;
        while (true) {
            long seen = state.get();
            // Another lane may have begun its turn a little later than this one.
            int now = Math.max(second, (int) (seen >>> 32));
            long used = now == (int) (seen >>> 32) ? seen & LOW : 0;
            if (rate.most() == 0) {
                // In use all the same, and so not to be retired.
                state.compareAndSet(seen, (long) now << 32);
                return false;
            }
            if (used > 0 && used + cost > rate.most()) {
                return false;
            }
            if (state.compareAndSet(seen, (long) now << 32 | used + cost)) {
                return true;
            }
        }
    }

    /** Undoes {@link #take}, as another limit does not let the line pass; too late when the second is over. */
    void giveBack(int second, int bytes) {
        int cost = rate.bytes() ? bytes : 1;
        long seen = state.get();
        while ((int) (seen >>> 32) == second && (seen & LOW) >= cost && !state.compareAndSet(seen, seen - cost)) {
            seen = state.get();
        }
    }

    /** Whether nothing was taken for so many seconds; then nobody is given this bucket any more. */
    boolean retire(int second, int idleSeconds) {
        if (second - (int) (state.get() >>> 32) < idleSeconds) {
            return false;
        }
        retired = true;
        return true;
    }

    /** Whether who has it is to ask for another. */
    boolean isRetired() {
        return retired;
    }
}
