package io.loggregator.stream.dispatch;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the tails behind one link lost and have not been told, by source, first come first told. Owned by the lane. */
final class TailLosses {
    private final Map<String, Loss> bySource = new LinkedHashMap<>();

    /** What the tails of one source lost. */
    static final class Loss {
        private final String source;
        private final String reason;
        private boolean unknown;
        private long count;
        private long counted;
        private long firstMillis = Long.MAX_VALUE;
        private long lastMillis;

        private Loss(String source, String reason) {
            this.source = source;
            this.reason = reason;
        }

        String source() {
            return source;
        }

        Gap gap() {
            return unknown ? Gap.UNKNOWN : new Gap(count, firstMillis, lastMillis, reason);
        }

        /** How many some counter has already. */
        long counted() {
            return counted;
        }
    }

    boolean isEmpty() {
        return bySource.isEmpty();
    }

    /** @param counted how many of them some counter has already */
    void add(String source, Gap gap, long counted) {
        add(source, gap.reason(), gap.count(), counted, gap.firstMillis(), gap.lastMillis());
        bySource.get(source).unknown |= gap.unknown();
    }

    /** One envelope; only the first of a source costs more than a look, for apps flood just when there is loss. */
    void add(String source, String reason, boolean counted, long firstMillis, long lastMillis) {
        add(source, reason, 1, counted ? 1 : 0, firstMillis, lastMillis);
    }

    private void add(String source, String reason, long count, long counted, long firstMillis, long lastMillis) {
        Loss loss = bySource.get(source);
        if (loss == null) {
            loss = new Loss(source, reason);
            bySource.put(source, loss);
        }
        loss.count += count;
        loss.counted += counted;
        loss.firstMillis = Math.min(loss.firstMillis, firstMillis);
        loss.lastMillis = Math.max(loss.lastMillis, lastMillis);
    }

    void forget(String source) {
        bySource.remove(source);
    }

    Collection<Loss> all() {
        return bySource.values();
    }

    /** How many of all no counter has yet; the caller's has them from now on. */
    long count() {
        long uncounted = 0;
        for (Loss loss : bySource.values()) {
            uncounted += loss.count - loss.counted;
            loss.counted = loss.count;
        }
        return uncounted;
    }

    /** Takes out the first; there must be one. */
    Loss poll() {
        Loss first = bySource.values().iterator().next();
        bySource.remove(first.source);
        return first;
    }
}
