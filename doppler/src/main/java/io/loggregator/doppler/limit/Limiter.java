package io.loggregator.doppler.limit;

import io.loggregator.doppler.limit.LineLimits.Limited;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** The buckets of one kind of value: of the source ids, or of one tag. Shared by all lanes. */
final class Limiter {
    /** After which a bucket that nobody draws on makes room for another. */
    static final int IDLE_SECONDS = 60;

    private final Limited limited;
    private final int most;
    private final LongAdder refused;
    private final LongAdder withoutLimit;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /**
     * @param most values that have a limit at a time. One that comes up later has none: memory is bounded, and nobody is held
     *     back for it
     * @param refused counts the lines that this kept out
     * @param withoutLimit counts the times that there was no room for a value
     */
    Limiter(Limited limited, int most, LongAdder refused, LongAdder withoutLimit) {
        this.limited = limited;
        this.most = most;
        this.refused = refused;
        this.withoutLimit = withoutLimit;
    }

    String by() {
        return limited.by();
    }

    boolean bySource() {
        return limited.bySource();
    }

    /** The bucket of a value, or null if it has no limit. */
    Bucket of(String value, int second) {
        Optional<Rate> rate = limited.of(value);
        if (rate.isEmpty()) {
            return null;
        }
        Bucket bucket = buckets.get(value);
        if (bucket != null) {
            return bucket;
        }
        if (buckets.size() >= most) {
            withoutLimit.increment();
            return null;
        }
        String shown = rate.get() + (bySource() ? " for this source" : " for its " + by());
        return buckets.computeIfAbsent(value, first -> new Bucket(rate.get(), shown, second));
    }

    void countRefused() {
        refused.increment();
    }

    /** Forgets the buckets that nobody has drawn on for a minute. */
    void expire(int second) {
        buckets.values().removeIf(bucket -> bucket.retire(second, IDLE_SECONDS));
    }
}
