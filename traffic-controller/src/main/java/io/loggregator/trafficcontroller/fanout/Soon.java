package io.loggregator.trafficcontroller.fanout;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Does what is to be done about confirmations a moment later, for all readers at once. Owned by the event loop. */
final class Soon {
    private final Runnable schedule;
    private final Set<Runnable> actions = new LinkedHashSet<>();
    private boolean running;

    /** @param schedule has {@link #run} called a moment later */
    Soon(Runnable schedule) {
        this.schedule = schedule;
    }

    /** Has an action done once, however often it is added until then. */
    void add(Runnable action) {
        if (actions.isEmpty() && !running) {
            schedule.run();
        }
        actions.add(action);
    }

    void forget(Runnable action) {
        actions.remove(action);
    }

    /** Does what is to be done; what is added meanwhile, or follows an action that fails, is done a moment later. */
    void run() {
        running = true;
        try {
            for (Runnable action : List.copyOf(actions)) {
                if (actions.remove(action)) {
                    action.run();
                }
            }
        } finally {
            running = false;
            if (!actions.isEmpty()) {
                schedule.run();
            }
        }
    }
}
