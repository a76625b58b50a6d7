package io.loggregator.trafficcontroller.subscription;

/** Tells for how long a client has taken nothing while something waits for it; asked every second or so. */
public final class Stall {
    private boolean stalled;
    private long since;
    private long lastWaiting;
    private long lastWritten;

    /**
     * Looks again. That more waits is no progress: what it is told now and then adds to it.
     *
     * @param idle whether it takes everything, so that nothing waits
     * @param waiting bytes that it has not taken
     * @param written grows with each thing that it is given
     * @return whether it has made progress, or had none to make, since the last look
     */
    public boolean progressed(boolean idle, long waiting, long written, long now) {
        boolean progressed = idle || !stalled || waiting < lastWaiting || written != lastWritten;
        if (progressed) {
            since = now;
        }
        stalled = !idle;
        lastWaiting = waiting;
        lastWritten = written;
        return progressed;
    }

    /** Whether it has made no progress for that long. */
    public boolean isLongerThan(long nanos, long now) {
        return stalled && now - since >= nanos;
    }
}
