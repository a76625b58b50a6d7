package io.loggregator.doppler.link;

import java.util.concurrent.atomic.AtomicInteger;

/** How many connections the link port has open, those included that are no links yet. Usable from any thread. */
public final class LinkConnections {
    /** Room for a hundred Traffic Controllers of forty event loops. */
    public static final int MOST = 4_096;

    private final int most;
    private final AtomicInteger open = new AtomicInteger();

    /** @param most 1 and more */
    public LinkConnections(int most) {
        this.most = most;
    }

    /** Counts one more in, which is to {@link #leave} when it ends; false, and it is not, if that were too many. */
    boolean enter() {
        return open.getAndUpdate(now -> Math.min(now + 1, most)) < most;
    }

    void leave() {
        open.decrementAndGet();
    }

    @Override
    public String toString() {
        return open + " of " + most;
    }
}
