package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Runs of Dopplers whose link broke before they said goodbye. One that is linked again in time goes on where it was; one that
 * is not is lost, and with it what it had taken in and not handed over. On one event loop.
 */
final class BrokenOff {
    private final Map<String, Run> runs = new LinkedHashMap<>();

    /**
     * One run.
     *
     * @param epoch its name
     * @param address where it was
     * @param nanos when its link broke, as {@link System#nanoTime}
     * @param heardMillis when it was last heard of, as {@link io.loggregator.stream.SteadyClock#millis}
     */
    record Run(String epoch, String address, long nanos, long heardMillis) {
        /** Whether somebody who is here since then had that link. */
        boolean concerns(long sinceNanos) {
            return sinceNanos - nanos < 0;
        }
    }

    void broke(DopplerSession session, long nanos, long heardMillis) {
        runs.put(session.epoch(), new Run(session.epoch(), session.address(), nanos, heardMillis));
    }

    /** A Doppler is linked. Returns the runs that it shows to be lost: where they were, there is another one now. */
    List<Run> linked(DopplerSession session) {
        if (runs.isEmpty()) {
            return List.of();
        }
        runs.remove(session.epoch());
        return take(run -> run.address().equals(session.address()));
    }

    /** Takes those out whose link broke that long ago: they are lost. */
    List<Run> overdue(long nanos, long patienceNanos) {
        return runs.isEmpty() ? List.of() : take(run -> nanos - run.nanos() >= patienceNanos);
    }

    private List<Run> take(Predicate<Run> which) {
        List<Run> taken = new ArrayList<>();
        for (Iterator<Run> all = runs.values().iterator(); all.hasNext(); ) {
            Run run = all.next();
            if (which.test(run)) {
                all.remove();
                taken.add(run);
            }
        }
        return taken;
    }
}
