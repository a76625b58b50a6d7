package io.loggregator.doppler.dropsonde;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds the memory of frames that have come in part, of all connections to a port together. When there is no room the
 * connection ends whose frame has been incomplete for longest, as agents finish what they begin. Safe for use by any thread.
 */
final class PartialFrames {
    private final long budget;
    /** What each connection has taken, by what ends it; those first that have had something for longest. */
    private final Map<Runnable, Integer> taken = new LinkedHashMap<>();

    private long bytes;

    /** @param budget bytes */
    PartialFrames(long budget) {
        this.budget = budget;
    }

    /**
     * Takes so many bytes more for a connection.
     *
     * @param end ends the connection; called for another one, from any thread, if that has to give way
     * @return false if it is this connection that has to end
     */
    synchronized boolean take(Runnable end, int more) {
        if (more == 0) {
            return true;
        }
        taken.merge(end, more, Integer::sum);
        bytes += more;
        while (bytes > budget) {
            Iterator<Map.Entry<Runnable, Integer>> all = taken.entrySet().iterator();
            Map.Entry<Runnable, Integer> longest = all.next();
            all.remove();
            bytes -= longest.getValue();
            if (longest.getKey() == end) {
                return false;
            }
            longest.getKey().run();
        }
        return true;
    }

    /** A connection uses no more what it took. */
    synchronized void release(Runnable end) {
        Integer all = taken.remove(end);
        bytes -= all == null ? 0 : all;
    }

    synchronized long bytes() {
        return bytes;
    }

    long budget() {
        return budget;
    }
}
