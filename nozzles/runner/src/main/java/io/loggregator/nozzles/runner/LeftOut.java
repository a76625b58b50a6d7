package io.loggregator.nozzles.runner;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts envelopes that a destination can never take, by reason, and logs the first of each reason and then one whenever
 * their number has doubled, so that many of them cannot fill a disk. Safe for use by any thread.
 */
public final class LeftOut {
    private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);

    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();

    /**
     * Counts some.
     *
     * @param reason a word for the counter
     * @param count 1 and more
     * @param what what was left out, and why, for the log
     */
    public void add(String reason, long count, String what) {
        AtomicLong counter = counts.computeIfAbsent(reason, first -> new AtomicLong());
        long after = counter.addAndGet(count);
        if (Long.highestOneBit(after) != Long.highestOneBit(after - count)) {
            LOG.warn("left out ({}, {} in all): {}", reason, after, what);
        }
    }

    /** How many by reason, in the order of the words. */
    public Map<String, Long> counts() {
        Map<String, Long> now = new TreeMap<>();
        counts.forEach((reason, count) -> now.put(reason, count.get()));
        return now;
    }

    /** For a status line: {@code 3 left out {too_large=3}}. */
    @Override
    public String toString() {
        Map<String, Long> now = counts();
        long all = now.values().stream().mapToLong(Long::longValue).sum();
        return all + " left out" + (all == 0 ? "" : " " + now);
    }
}
