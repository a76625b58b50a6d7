package io.loggregator.node;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether a server can do its work now, by named checks. Safe for use by any thread; a check runs on the thread that
 * asks, must answer at once, and must itself be safe for that.
 */
public final class Readiness {
    private final Map<String, Supplier<Optional<String>>> checks = new LinkedHashMap<>(); // guarded by this
    private volatile boolean stopping;

    /**
     * Adds a check.
     *
     * @param name what is checked, unique
     * @param reason answers empty when fine, else in a few words why not; one that throws counts as not ready
     */
    public synchronized void check(String name, Supplier<Optional<String>> reason) {
        if (checks.containsKey(name)) {
            throw new IllegalArgumentException("the check " + name + " exists already");
        }
        checks.put(name, reason);
    }

    /** From now on the server is not ready, because it is stopping. */
    public void stopping() {
        stopping = true;
    }

    /** Why the server is not ready, as {@code name: reason}, in the order the checks were added; empty when it is. */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        if (stopping) {
            reasons.add("server: stopping");
        }
        Map<String, Supplier<Optional<String>>> now;
        synchronized (this) {
            now = new LinkedHashMap<>(checks);
        }
        now.forEach((name, check) -> answer(check).ifPresent(reason -> reasons.add(name + ": " + reason)));
        return reasons;
    }

    private static Optional<String> answer(Supplier<Optional<String>> check) {
        try {
            return check.get();
        } catch (RuntimeException e) {
            return Optional.of("the check failed: " + e);
        }
    }
}
