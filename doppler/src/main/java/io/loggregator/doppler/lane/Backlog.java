package io.loggregator.doppler.lane;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes wait to be written: bounded, as long as nobody adds who has not asked whether there is room. Whoever
 * adds then may go beyond the limit by what it adds. Usable from any thread.
 */
public final class Backlog {
    private final long limit;
    private final long low;
    private final Runnable onRoom;
    private final AtomicLong waiting = new AtomicLong();

    /**
     * @param limit bytes that may wait
     * @param low what a backlog must have fallen to before it is called {@code onRoom}
     * @param onRoom called when there is room again, by whoever removes
     */
    public Backlog(long limit, long low, Runnable onRoom) {
        this.limit = limit;
        this.low = low;
        this.onRoom = onRoom;
    }

    public boolean hasRoom() {
        return waiting.get() < limit;
    }

    /** Bytes that wait. */
    public long bytes() {
        return waiting.get();
    }

    /** Notes that bytes wait. Returns whether it is by them that there is no room any more. */
    public boolean add(long bytes) {
        long before = waiting.getAndAdd(bytes);
        return before < limit && before + bytes >= limit;
    }

    /** Notes that bytes have been written, or never will be. */
    public void remove(long bytes) {
        long before = waiting.getAndAdd(-bytes);
        if (before > low && before - bytes <= low) {
            onRoom.run();
        }
    }
}
