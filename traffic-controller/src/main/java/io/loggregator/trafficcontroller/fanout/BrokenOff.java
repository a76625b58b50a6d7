package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.upstream.DopplerSession;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Runs of Dopplers whose link broke before they said goodbye. One that is linked again in time goes on where it was; one that
 * is not is lost, and with it what it had taken in and not handed over. On one event loop.
 */
final class BrokenOff {
    /** Runs remembered; the eldest are forgotten, which have been told by then. */
    private static final int MOST = 256;

    private final Map<String, Run> runs = new LinkedHashMap<>();

    /** One run. */
    static final class Run {
        private final String epoch;
        private final String address;
        private final long nanos;
        private final long heardMillis;
        private boolean told;

        private Run(DopplerSession session, long nanos, long heardMillis) {
            this.epoch = session.epoch();
            this.address = session.address();
            this.nanos = nanos;
            this.heardMillis = heardMillis;
        }

        String epoch() {
            return epoch;
        }

        /** Where it was. */
        String address() {
            return address;
        }

        /** When it was last heard of, as {@link io.loggregator.stream.SteadyClock#millis}. */
        long heardMillis() {
            return heardMillis;
        }

        /** Whether somebody who is here since then had that link. */
        boolean concerns(long sinceNanos) {
            return sinceNanos - nanos < 0;
        }
    }

    /**
     * A link broke.
     *
     * @param nanos now, as {@link System#nanoTime}
     * @param heardMillis when the Doppler was last heard of
     */
    void broke(DopplerSession session, long nanos, long heardMillis) {
        runs.remove(session.epoch());
        if (runs.size() == MOST) {
            runs.remove(runs.keySet().iterator().next());
        }
        runs.put(session.epoch(), new Run(session, nanos, heardMillis));
    }

    /** When a run was last heard of over its last link, if that broke; empty once it is {@link #linked} again. */
    OptionalLong lastHeard(DopplerSession session) {
        Run run = runs.get(session.epoch());
        return run == null ? OptionalLong.empty() : OptionalLong.of(run.heardMillis);
    }

    /** A Doppler is linked. Returns the runs that it shows to be lost: where they were, there is another one now. */
    List<Run> linked(DopplerSession session) {
        if (runs.isEmpty()) {
            return List.of();
        }
        runs.remove(session.epoch());
        List<Run> replaced = new ArrayList<>();
        for (Iterator<Run> all = runs.values().iterator(); all.hasNext(); ) {
            Run run = all.next();
            if (run.address.equals(session.address())) {
                all.remove();
                if (!run.told) {
                    replaced.add(run);
                }
            }
        }
        return replaced;
    }

    /** Those whose link broke that long ago, each once: they are lost, as far as anybody can tell. */
    List<Run> overdue(long nanos, long patienceNanos) {
        if (runs.isEmpty()) {
            return List.of();
        }
        List<Run> overdue = new ArrayList<>();
        for (Run run : runs.values()) {
            if (!run.told && nanos - run.nanos >= patienceNanos) {
                run.told = true;
                overdue.add(run);
            }
        }
        return overdue;
    }
}
