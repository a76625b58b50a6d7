package io.loggregator.trafficcontroller.fanout;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Does what is to be done about confirmations a moment later, for all readers at once. Owned by the event loop. */
final class Soon {
    private final Runnable schedule;
    private final Set<Runnable> actions = new LinkedHashSet<>();

    /** @param schedule has {@link #run} called a moment later */
    Soon(Runnable schedule) {
        this.schedule = schedule;
    }

    /** Has an action done once, however often it is added until then. */
    void add(Runnable action) {
        if (actions.isEmpty()) {
            schedule.run();
        }
        actions.add(action);
    }

    void forget(Runnable action) {
        actions.remove(action);
    }

    void run() {
        List<Runnable> now = new ArrayList<>(actions);
        actions.clear();
        now.forEach(Runnable::run);
    }
}
