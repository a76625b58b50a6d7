package io.loggregator.trafficcontroller.fanout;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Does what is to be done about confirmations a moment later, for all readers at once: when the event loop is awake for a batch
 * anyway, or else by an alarm. Owned by the event loop.
 */
final class Soon {
    /** How long a moment is: what is out meanwhile is bounded in bytes. */
    static final long MILLIS = 40;

    /** After which whoever is awake anyway does it, rather than an alarm wake up the event loop once more. */
    private static final long NEARLY_NANOS = TimeUnit.MILLISECONDS.toNanos(MILLIS) * 3 / 4;

    private final LongSupplier clock;
    private final Alarm alarm;
    private final Set<Runnable> actions = new LinkedHashSet<>();
    private boolean running;
    private long began;

    /** Has {@link #run} called. */
    interface Alarm {
        /** {@link #MILLIS} from now. */
        void set();

        /** Not this time. */
        void cancel();
    }

    /** @param clock as {@link System#nanoTime} */
    Soon(LongSupplier clock, Alarm alarm) {
        this.clock = clock;
        this.alarm = alarm;
    }

    /** Has an action done once, however often it is added until then. */
    void add(Runnable action) {
        if (actions.isEmpty() && !running) {
            begin();
        }
        actions.add(action);
    }

    private void begin() {
        began = clock.getAsLong();
        alarm.set();
    }

    void forget(Runnable action) {
        if (actions.remove(action) && actions.isEmpty() && !running) {
            alarm.cancel();
        }
    }

    /** The event loop is awake and writes: does what is to be done, if it is nearly time. */
    void passing() {
        if (!actions.isEmpty() && !running && clock.getAsLong() - began >= NEARLY_NANOS) {
            alarm.cancel();
            run();
        }
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
                begin();
            }
        }
    }
}
