package io.loggregator.nozzles.prometheus;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The latest values, bounded in number; a series to which nothing came for long is forgotten. Safe for any thread. */
final class SeriesStore {
    /** Upper bounds in seconds; the last is for all that took longer. */
    private static final double[] BOUNDS = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, Double.POSITIVE_INFINITY};

    /** A histogram's series are its buckets, its sum and its count, and the counter beside it. */
    private static final int HISTOGRAM_SERIES = BOUNDS.length + 3;

    private final int limit;
    private final long expirationNanos;
    private final LongSupplier nanos;
    private final Map<Key, Series> all = new HashMap<>(); // guarded by this, as the rest
    private int series;
    private long refused;

    private enum Kind {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    private record Key(Kind kind, String name, Labels labels) {}

    private static final class Series {
        long touched;
        double value;
        final long[] buckets;

        Series(boolean histogram) {
            buckets = histogram ? new long[BOUNDS.length] : null;
        }
    }

    /**
     * @param limit series that are kept at most
     * @param nanos goes on as {@link System#nanoTime}, whatever is done to the system's clock
     */
    SeriesStore(int limit, Duration expiration, LongSupplier nanos) {
        this.limit = limit;
        this.expirationNanos = expiration.toNanos();
        this.nanos = nanos;
    }

    /** A counter has reached a total, or has grown where its sender tells no total (0). */
    synchronized void count(String name, Labels labels, double total, double delta) {
        Series of = series(new Key(Kind.COUNTER, name, labels), 1);
        if (of != null) {
            of.value = total > 0 ? total : of.value + delta;
        }
    }

    synchronized void set(String name, Labels labels, double value) {
        Series of = series(new Key(Kind.GAUGE, name, labels), 1);
        if (of != null) {
            of.value = value;
        }
    }

    /** Something took so long; {@code name_total} counts it, and {@code name_duration_seconds} is the histogram. */
    synchronized void observe(String name, Labels labels, double seconds) {
        Series of = series(new Key(Kind.HISTOGRAM, name, labels), HISTOGRAM_SERIES);
        if (of != null) {
            of.value += seconds;
            int bucket = Arrays.binarySearch(BOUNDS, seconds);
            of.buckets[bucket < 0 ? -bucket - 1 : bucket]++;
        }
    }

    private Series series(Key key, int weight) {
        long now = nanos.getAsLong();
        Series found = all.get(key);
        if (found == null) {
            if (series + weight > limit) {
                expire(now);
            }
            if (series + weight > limit) {
                refused++;
                return null;
            }
            found = new Series(key.kind() == Kind.HISTOGRAM);
            all.put(key, found);
            series += weight;
        }
        found.touched = now;
        return found;
    }

    private void expire(long now) {
        Iterator<Map.Entry<Key, Series>> entries = all.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Key, Series> entry = entries.next();
            if (now - entry.getValue().touched > expirationNanos) {
                series -= entry.getKey().kind() == Kind.HISTOGRAM ? HISTOGRAM_SERIES : 1;
                entries.remove();
            }
        }
    }

    /** How many series there are. */
    synchronized int size() {
        return series;
    }

    /** How many values were left out because the limit was reached. */
    synchronized long refused() {
        return refused;
    }

    /** All that has not expired, and {@code more}, by name. */
    synchronized MetricSnapshots snapshot(List<MetricSnapshot> more) {
        expire(nanos.getAsLong());
        Map<String, GaugeSnapshot.Builder> gauges = new HashMap<>();
        Map<String, CounterSnapshot.Builder> counters = new HashMap<>();
        Map<String, HistogramSnapshot.Builder> histograms = new HashMap<>();
        all.forEach((key, of) -> {
            switch (key.kind()) {
                case GAUGE ->
                    gauges.computeIfAbsent(key.name(), SeriesStore::gauge)
                            .dataPoint(new GaugeSnapshot.GaugeDataPointSnapshot(of.value, key.labels(), null));
                case COUNTER ->
                    counters.computeIfAbsent(key.name(), SeriesStore::counter).dataPoint(point(of.value, key));
                case HISTOGRAM -> {
                    counters.computeIfAbsent(key.name(), SeriesStore::counter)
                            .dataPoint(point((double) Arrays.stream(of.buckets).sum(), key));
                    histograms
                            .computeIfAbsent(
                                    key.name() + "_duration_seconds",
                                    name -> HistogramSnapshot.builder()
                                            .name(name)
                                            .help("From Loggregator's timers."))
                            .dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                                    .classicHistogramBuckets(ClassicHistogramBuckets.of(BOUNDS, of.buckets.clone()))
                                    .sum(of.value)
                                    .labels(key.labels())
                                    .build());
                }
            }
        });
        List<MetricSnapshot> snapshots = new ArrayList<>(more);
        gauges.values().forEach(builder -> snapshots.add(builder.build()));
        counters.values().forEach(builder -> snapshots.add(builder.build()));
        histograms.values().forEach(builder -> snapshots.add(builder.build()));
        return new MetricSnapshots(snapshots);
    }

    private static GaugeSnapshot.Builder gauge(String name) {
        return GaugeSnapshot.builder().name(name).help("From Loggregator's gauges.");
    }

    private static CounterSnapshot.Builder counter(String name) {
        return CounterSnapshot.builder().name(name).help("From Loggregator's counters and timers.");
    }

    private static CounterSnapshot.CounterDataPointSnapshot point(double value, Key key) {
        return new CounterSnapshot.CounterDataPointSnapshot(value, key.labels(), null, 0);
    }
}
