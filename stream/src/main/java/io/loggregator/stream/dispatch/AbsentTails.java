package io.loggregator.stream.dispatch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tails whose link broke, kept for a while for the next link that has tails of the same name. Owned by the lane. */
final class AbsentTails {
    /** Each looks at all that the log overwrites. */
    private static final int MOST = 100;

    private final Map<String, Absent> byName = new LinkedHashMap<>();
    /** The same, for whoever goes through them. */
    private final List<Tails> all = new ArrayList<>();

    private record Absent(Tails tails, long untilMillis) {}

    List<Tails> all() {
        return all;
    }

    void keep(String name, Tails tails, long untilMillis) {
        forget(name);
        if (all.size() == MOST) {
            forget(byName.keySet().iterator().next());
        }
        byName.put(name, new Absent(tails, untilMillis));
        all.add(tails);
    }

    /** Takes them out; null if there are none of that name. */
    Tails take(String name) {
        Absent absent = byName.remove(name);
        if (absent == null) {
            return null;
        }
        all.remove(absent.tails);
        return absent.tails;
    }

    /** Whether some have yet to be sent, or told, something of what lies before a position, and may still be resumed. */
    boolean awaitBefore(long position, long nowMillis) {
        for (Absent each : byName.values()) {
            if (each.untilMillis > nowMillis
                    && (each.tails.awaitBefore(position) || each.tails.hasGaps() || each.tails.hasUnreceived())) {
                return true;
            }
        }
        return false;
    }

    void expire(long nowMillis) {
        for (String name : List.copyOf(byName.keySet())) {
            if (byName.get(name).untilMillis <= nowMillis) {
                forget(name);
            }
        }
    }

    private void forget(String name) {
        Tails tails = take(name);
        if (tails != null) {
            tails.forget();
        }
    }
}
