package io.loggregator.doppler.egress;

import io.loggregator.doppler.lane.Backlog;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What waits to be written to all calls together, and how much of it one call may have: an even share, so that calls
 * which are not read leave room for the others. Usable from any thread.
 */
final class EgressMemory {
    /** What one call may have waiting, however few or many there are. */
    private static final long LEAST_SHARE = 16 << 10;

    private static final long LARGEST_SHARE = 1 << 20;

    private final long budget;
    private final Backlog backlog;
    private final AtomicInteger calls = new AtomicInteger();

    /**
     * @param budget bytes
     * @param onRoom called when there is room for those that had none
     */
    EgressMemory(long budget, Runnable onRoom) {
        this.budget = budget;
        this.backlog = new Backlog(budget, budget - 1, onRoom);
    }

    /** Counts a call in; false, and it is not counted, if there are as many as may be. */
    boolean enter(int most) {
        if (calls.incrementAndGet() > most) {
            calls.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        calls.decrementAndGet();
    }

    /** Whether a call with so much waiting may have more, when so much has been promised to others. */
    boolean hasRoom(long waiting, long promised) {
        return backlog.bytes() + promised < budget
                && waiting < Math.min(LARGEST_SHARE, Math.max(LEAST_SHARE, budget / Math.max(1, calls.get())));
    }

    /** Whether nobody may have more. */
    boolean isUsedUp() {
        return !backlog.hasRoom();
    }

    long waiting() {
        return backlog.bytes();
    }

    void add(long bytes) {
        backlog.add(bytes);
    }

    void remove(long bytes) {
        backlog.remove(bytes);
    }
}
