package io.loggregator.stream.recent;

import io.loggregator.stream.SteadyClock;
import java.time.Duration;
import java.util.Objects;

/**
 * The recent past of a Doppler: the newest log envelopes of each source and the newest container metric of each app
 * instance, as the bytes they came in.
 *
 * <p><b>Owner.</b> One event loop; nothing here is safe for use by another thread. Times are passed in, in milliseconds
 * as {@link SteadyClock#millis}; one that lies before an earlier one counts as that. Source ids come with the hash that the
 * caller has computed anyway; ids are compared byte by byte, so the hash only has to be the same for the same id.
 *
 * <p><b>Memory.</b> One budget covers everything: lines, metrics, source ids, the objects that hold them, the index over
 * them and the heap layout of all that. Only the index is allocated at the start (about a 64th of the budget). Each
 * source has its id and its lines in one array, which counts as a whole, filled or not; it is replaced by a larger one
 * when lines come and by a smaller one when they go. While it is replaced, and until the garbage collector has run, the
 * old one takes memory too. Reading allocates nothing.
 *
 * <p><b>Who gives way.</b> When a new envelope does not fit, the largest source loses its oldest lines, up to an eighth of
 * what it has for them (and its oldest container metric when it has no line left); among sources of the same size, to
 * within an eighth, the one that was not written for longest comes first, as a clock algorithm sees it. A source that
 * would itself become the largest gives way itself: it pays with its own oldest lines. So a source that floods ends at
 * the size of the others that are largest with it, and what is smaller is not touched. Sources that are as large as the
 * largest take only from those that are idle. A source that has nothing left is forgotten. No source takes more than an
 * eighth of the budget. An envelope that alone would make its source the largest, while the budget is spent and the
 * source's own lines do not cover it, is kept out, unless it is small (one 4,096th of the budget); so is one that is
 * larger than the share. Every case is counted. The cost of an insert is O(1), amortised, apart from copying its bytes.
 */
public final class RecentPast {
    /** The smallest budget, in bytes. */
    public static final long MIN_BUDGET_BYTES = 64 << 10;
    /** The largest budget, in bytes (16 GiB). */
    public static final long MAX_BUDGET_BYTES = 16L << 30;

    private static final Duration MAX_IDLE = Duration.ofDays(3650);
    private static final int BYTES_PER_PLACE = 512;
    /** The index is swept for idle sources so often in an idle period. */
    private static final int SWEEPS = 64;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int logsPerSource;
    private final long ttlNanos;
    private final long fixedBytes;
    private final long idleMillis;
    private final Index index;
    private final Eviction eviction;
    private long now;
    private long swept;
    /** The place in the index at which the sweep goes on. */
    private int sweepAt;

    private long refused;

    /** Takes envelopes that are handed over. It must not call back into the {@link RecentPast} that it reads. */
    @FunctionalInterface
    public interface Sink {
        /** Takes the bytes of one {@code loggregator.v2.Envelope}; they are valid only during the call. */
        void accept(byte[] bytes, int from, int to);
    }

    /**
     * @param logsPerSource log envelopes kept for each source, at least 1
     * @param budgetBytes what this object and all it holds may take on the heap, from {@link #MIN_BUDGET_BYTES} to
     *     {@link #MAX_BUDGET_BYTES}
     * @param containerMetricTtl container metrics with an older timestamp are not handed out; not negative
     * @param idleSource sources are forgotten when no log and no container metric came for longer than this; from one
     *     millisecond to ten years
     * @throws IllegalArgumentException if one is out of its range
     */
    public RecentPast(int logsPerSource, long budgetBytes, Duration containerMetricTtl, Duration idleSource) {
        require(logsPerSource >= 1, "logsPerSource must be at least 1");
        require(
                budgetBytes >= MIN_BUDGET_BYTES && budgetBytes <= MAX_BUDGET_BYTES,
                "budgetBytes must be from " + MIN_BUDGET_BYTES + " to " + MAX_BUDGET_BYTES);
        require(!containerMetricTtl.isNegative(), "containerMetricTtl must not be negative");
        require(
                idleSource.compareTo(Duration.ofMillis(1)) >= 0 && idleSource.compareTo(MAX_IDLE) <= 0,
                "idleSource must be from 1 ms to " + MAX_IDLE.toDays() + " days");
        this.logsPerSource = logsPerSource;
        this.ttlNanos = containerMetricTtl.compareTo(MAX_IDLE) > 0 ? MAX_IDLE.toNanos() : containerMetricTtl.toNanos();

        this.idleMillis = idleSource.toMillis();
        this.index = new Index(Math.toIntExact(Long.highestOneBit(budgetBytes / BYTES_PER_PLACE)));
        this.fixedBytes = Footprint.FIXED + Index.footprint(index.places()) + SizeClasses.footprint();
        this.eviction = new Eviction(index, budgetBytes - fixedBytes);
    }

    /**
     * Keeps a log envelope of a source, and lets the oldest of that source go if there are more than {@code
     * logsPerSource} then.
     *
     * @param bytes holds the source id from {@code sourceFrom} to {@code sourceTo} and a serialised {@code
     *     loggregator.v2.Envelope} from {@code envelopeFrom} to {@code envelopeTo}; copied
     * @throws IndexOutOfBoundsException if a range is not within the bytes
     */
    public void log(
            byte[] bytes,
            int sourceFrom,
            int sourceTo,
            int sourceHash,
            int envelopeFrom,
            int envelopeTo,
            long nowMillis) {
        Objects.checkFromToIndex(sourceFrom, sourceTo, bytes.length);
        Objects.checkFromToIndex(envelopeFrom, envelopeTo, bytes.length);
        advance(nowMillis);
        long stored = Lines.stored(envelopeTo - envelopeFrom);
        if (Source.footprint(sourceTo - sourceFrom, stored) > eviction.share()) {
            refused++;
            return;
        }
        Source known = known(bytes, sourceFrom, sourceTo, sourceHash);
        Source source = known != null ? known : new Source(bytes, sourceFrom, sourceTo, sourceHash);
        source.seen(now);
        boolean full = source.lines() >= logsPerSource;
        if (full) {
            if (!source.hasLengths()) {
                eviction.keepLengths(source, logsPerSource);
            }
            source.dropOldestLine();
        }
        boolean settled = source.hasRoom(stored);
        if (settled || eviction.makeRoomForLine(source, stored)) {
            source.append(bytes, envelopeFrom, envelopeTo);
            settled &= !source.sparse();
        } else {
            refused++;
            if (full) {
                eviction.countLog();
            }
            if (known == null) {
                return;
            }
        }
        if (known == null) {
            eviction.add(source);
        } else if (!settled) {
            eviction.settle(source);
        }
    }

    /**
     * Keeps a gauge envelope, if it is a container metric and no other of the same source and instance has the same or a
     * newer timestamp; does nothing with other gauges.
     *
     * @param bytes holds the source id and a serialised {@code loggregator.v2.Envelope}, as for {@link #log}; copied
     * @param envelopeTimestampNanos the envelope's own timestamp, in nanoseconds since the Unix epoch
     * @param systemMillis the time by the system's clock, which such timestamps are compared with
     * @throws IndexOutOfBoundsException if a range is not within the bytes
     */
    public void containerMetric(
            byte[] bytes,
            int sourceFrom,
            int sourceTo,
            int sourceHash,
            int envelopeFrom,
            int envelopeTo,
            long envelopeTimestampNanos,
            long nowMillis,
            long systemMillis) {
        Objects.checkFromToIndex(sourceFrom, sourceTo, bytes.length);
        Objects.checkFromToIndex(envelopeFrom, envelopeTo, bytes.length);
        advance(nowMillis);
        long instance = ContainerGauge.instanceIndex(bytes, envelopeFrom, envelopeTo);
        if (instance == ContainerGauge.NOT_ONE) {
            return;
        }
        long size = Metric.footprint(envelopeTo - envelopeFrom);
        if (Source.footprint(sourceTo - sourceFrom, 0) + size > eviction.share()) {
            refused++;
            return;
        }
        Source known = known(bytes, sourceFrom, sourceTo, sourceHash);
        Source source = known != null ? known : new Source(bytes, sourceFrom, sourceTo, sourceHash);
        source.seen(now);
        Metric replaced = metric(source, (int) instance);
        if (replaced != null) {
            if (envelopeTimestampNanos <= replaced.timestamp()) {
                return;
            }
            if (replaced.footprint() == size) {
                replaced.set(envelopeTimestampNanos, bytes, envelopeFrom, envelopeTo);
                source.unlink(replaced);
                source.append(replaced);
                return;
            }
            eviction.removeMetric(replaced);
        }
        dropExpiredMetrics(source, systemMillis);
        if (eviction.makeRoomForMetric(source, size)) {
            Metric metric = new Metric(source, (int) instance, envelopeTo - envelopeFrom);
            metric.set(envelopeTimestampNanos, bytes, envelopeFrom, envelopeTo);
            index.add(metric);
            source.append(metric);
        } else {
            refused++;
            if (replaced != null) {
                eviction.countContainerMetric();
            }
            if (known == null) {
                return;
            }
        }
        if (known == null) {
            eviction.add(source);
        } else {
            eviction.settle(source);
        }
    }

    /**
     * Hands over the newest {@code limit} log envelopes of a source in the order in which they came, or all that are kept
     * if {@code limit} is 0; none of a source that is not known.
     *
     * @throws IllegalArgumentException if the limit is negative
     */
    public void recentLogs(byte[] bytes, int sourceFrom, int sourceTo, int sourceHash, int limit, Sink sink) {
        Objects.checkFromToIndex(sourceFrom, sourceTo, bytes.length);
        require(limit >= 0, "limit must not be negative");
        Source source = known(bytes, sourceFrom, sourceTo, sourceHash);
        if (source != null) {
            source.readLines(limit == 0 ? Integer.MAX_VALUE : limit, sink);
        }
    }

    /**
     * Hands over the newest container metric of each instance of a source, in no particular order, without those whose
     * envelope timestamp is older than the TTL; none of a source that is not known.
     *
     * @param systemMillis as for {@link #containerMetric}
     */
    public void containerMetrics(
            byte[] bytes, int sourceFrom, int sourceTo, int sourceHash, long systemMillis, Sink sink) {
        Objects.checkFromToIndex(sourceFrom, sourceTo, bytes.length);
        Source source = known(bytes, sourceFrom, sourceTo, sourceHash);
        if (source == null) {
            return;
        }
        long oldest = oldestValid(systemMillis);
        for (Metric metric = source.oldestMetric(); metric != null; metric = metric.after) {
            if (metric.timestamp() >= oldest) {
                metric.read(sink);
            }
        }
    }

    /**
     * Forgets the sources that are idle for too long; to be called on a timer. A source goes with the first call made
     * after it has been idle for {@code idleSource} and at most a 64th of it more. Costs a look at a part of the
     * sources: as many as it takes to see all of them in each 64th of {@code idleSource}.
     */
    public void expire(long nowMillis) {
        advance(nowMillis);
        long period = Math.max(1, idleMillis / SWEEPS);
        long elapsed = Math.min(period, now - swept);
        swept = now;
        // Rounded up, so that no place is seen later than a period after the last time.
        for (long rest = (elapsed * index.places() + period - 1) / period; rest > 0; rest--) {
            for (Index.Entry entry = index.at(sweepAt); entry != null; entry = entry.next) {
                if (entry instanceof Source source && now - source.lastSeen > idleMillis) {
                    eviction.forgetIdle(source);
                }
            }
            sweepAt = (sweepAt + 1) % index.places();
        }
    }

    /** Sources that are remembered now. */
    public int sources() {
        return eviction.sources();
    }

    /** Bytes that this object and all it holds take on the heap now; never more than the budget. */
    public long bytes() {
        return fixedBytes + eviction.used();
    }

    /** The part of {@link #bytes} that holds something; the rest is for lines to come. Looks at every source. */
    public long bytesInUse() {
        long unused = 0;
        for (int place = 0; place < index.places(); place++) {
            for (Index.Entry entry = index.at(place); entry != null; entry = entry.next) {
                if (entry instanceof Source source) {
                    unused += source.capacity() - source.stored();
                }
            }
        }
        return bytes() - unused;
    }

    /** Sources that were forgotten because others needed the memory. */
    public long evictedSources() {
        return eviction.evictedSources();
    }

    /** Log envelopes that were let go, before their source had {@code logsPerSource} newer ones, for lack of memory. */
    public long evictedLogs() {
        return eviction.evictedLogs();
    }

    /** Container metrics that were let go for lack of memory. */
    public long evictedContainerMetrics() {
        return eviction.evictedContainerMetrics();
    }

    /** Log envelopes and container metrics that were not taken at all because they were too large. */
    public long refused() {
        return refused;
    }

    /** Sources that were forgotten because nothing came from them. */
    public long idleSources() {
        return eviction.idleSources();
    }

    private void advance(long nowMillis) {
        // A time that lies before another one must not make a source look idle.
        now = Math.max(now, nowMillis);
    }

    /** The source with this id, or null. */
    private Source known(byte[] bytes, int from, int to, int hash) {
        for (Index.Entry entry = index.first(hash); entry != null; entry = entry.next) {
            if (entry.hash == hash && entry instanceof Source source && source.hasId(bytes, from, to)) {
                return source;
            }
        }
        return null;
    }

    /** The container metric of an instance of a source, or null. */
    private Metric metric(Source source, int instance) {
        int hash = Metric.hash(source, instance);
        for (Index.Entry entry = index.first(hash); entry != null; entry = entry.next) {
            if (entry.hash == hash
                    && entry instanceof Metric metric
                    && metric.source == source
                    && metric.instance == instance) {
                return metric;
            }
        }
        return null;
    }

    private void dropExpiredMetrics(Source source, long systemMillis) {
        long oldest = oldestValid(systemMillis);
        for (Metric metric = source.oldestMetric();
                metric != null && metric.timestamp() < oldest;
                metric = source.oldestMetric()) {
            eviction.removeMetric(metric);
        }
    }

    private long oldestValid(long systemMillis) {
        return Math.min(Math.max(0, systemMillis), Long.MAX_VALUE / NANOS_PER_MILLI) * NANOS_PER_MILLI - ttlNanos;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
