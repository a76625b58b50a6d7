package io.loggregator.stream.recent;

import java.time.Duration;
import java.util.Objects;

/**
 * The recent past of a Doppler: the newest log envelopes of each source and the newest container metric of each app
 * instance, as the bytes they came in.
 *
 * <p><b>Owner.</b> One event loop; nothing here is safe for use by another thread. Times are passed in, in milliseconds
 * since the Unix epoch; one that lies before an earlier one counts as that. Source ids come with the hash that the
 * caller has computed anyway; ids are compared byte by byte, so the hash only has to be the same for the same id.
 *
 * <p><b>Memory.</b> One budget covers everything: lines, metrics, source ids, records, the index over them and the heap
 * layout of all that. All of it lives in chunks of a fixed size ({@link Chunks}) and in an index sized once, so that the
 * budget is met at every moment, by construction. The index and the lists are allocated at the start (about a sixteenth of
 * the budget), the chunks when first needed; they are kept for reuse. Only reading allocates something that the budget
 * does not cover: for the length of the call, an array that holds the largest envelope read.
 *
 * <p><b>Who gives way.</b> When a new envelope does not fit, the largest source loses its oldest line (and its oldest
 * container metric when it has no line left); among sources of the same size, to within an eighth, the one that was not
 * written for longest comes first, as a clock algorithm sees it. A source that would itself become the largest gives
 * way itself: it pays with its own oldest lines. So a source that floods ends at the size of the others that are
 * largest with it, and what is smaller is not touched. A source that has nothing left is forgotten. No source takes more
 * than an eighth of the budget. An envelope that alone would make its source the largest, while the budget is spent and
 * the source's own lines do not cover it, is kept out, unless it is small (one 4,096th of the budget); so is one that is
 * larger than the share. If there are too many sources for the index, the one that is idle for longest is forgotten.
 * Every case is counted. The cost of an insert is O(1), amortised, apart from copying its bytes.
 */
public final class RecentPast {
    /** The smallest budget, in bytes. */
    public static final long MIN_BUDGET_BYTES = 64 << 10;
    /** The largest budget, in bytes (16 GiB). */
    public static final long MAX_BUDGET_BYTES = 16L << 30;

    private static final Duration MAX_IDLE = Duration.ofDays(3650);
    private static final int MIN_CAPACITY = 64;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final int logsPerSource;
    private final long ttlNanos;
    private final long fixedBytes;
    private final Chunks chunks;
    private final Sources sources;
    private final Lines lines;
    private final ContainerMetrics metrics;
    private final SizeClasses sizes;
    private final IdleWheel idle;
    private final Eviction eviction;
    private long now;

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

        int capacity = capacity(budgetBytes);
        this.fixedBytes = fixedBytes(capacity);
        this.chunks = new Chunks(chunkCount(budgetBytes - fixedBytes));
        HashIndex index = new HashIndex(capacity);
        this.sources = new Sources(chunks, index);
        this.lines = new Lines(chunks, sources);
        this.metrics = new ContainerMetrics(chunks, index, sources);
        this.sizes = new SizeClasses(chunks, sources);
        this.idle = new IdleWheel(chunks, idleSource.toMillis());
        this.eviction = new Eviction(chunks, index, sources, lines, metrics, sizes, idle);
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
        int source = known(bytes, sourceFrom, sourceTo, sourceHash);
        long stored = Lines.stored(envelopeTo - envelopeFrom);
        int record = Sources.recordChunks(sourceTo - sourceFrom);
        if (record + Chunks.forBytes(stored) > eviction.share()) {
            refused++;
            return;
        }
        boolean full = source != Chunks.NONE && lines.count(source) >= logsPerSource;
        if (full) {
            lines.dropOldest(source);
        }
        if (eviction.makeRoomForLine(source, record, stored, now)) {
            if (source == Chunks.NONE) {
                source = create(bytes, sourceFrom, sourceTo, sourceHash);
            }
            lines.append(source, bytes, envelopeFrom, envelopeTo);
        } else {
            refused++;
            if (full) {
                eviction.countLog();
            }
        }
        if (source != Chunks.NONE) {
            eviction.settle(source);
        }
    }

    /**
     * Keeps a gauge envelope, if it is a container metric and no other of the same source and instance has the same or a
     * newer timestamp; does nothing with other gauges.
     *
     * @param bytes holds the source id and a serialised {@code loggregator.v2.Envelope}, as for {@link #log}; copied
     * @param envelopeTimestampNanos the envelope's own timestamp, in nanoseconds since the Unix epoch
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
            long nowMillis) {
        Objects.checkFromToIndex(sourceFrom, sourceTo, bytes.length);
        Objects.checkFromToIndex(envelopeFrom, envelopeTo, bytes.length);
        advance(nowMillis);
        long instance = ContainerGauge.instanceIndex(bytes, envelopeFrom, envelopeTo);
        if (instance == ContainerGauge.NOT_ONE) {
            return;
        }
        int source = known(bytes, sourceFrom, sourceTo, sourceHash);
        int size = ContainerMetrics.chunks(envelopeTo - envelopeFrom);
        int record = Sources.recordChunks(sourceTo - sourceFrom);
        if (record + size > eviction.share()) {
            refused++;
            return;
        }
        boolean replaces = false;
        if (source != Chunks.NONE) {
            int metric = metrics.find(source, (int) instance);
            replaces = metric != Chunks.NONE;
            if (replaces) {
                if (envelopeTimestampNanos <= metrics.timestamp(metric)) {
                    return;
                }
                if (metrics.size(metric) == size) {
                    metrics.replace(source, metric, envelopeTimestampNanos, bytes, envelopeFrom, envelopeTo);
                    return;
                }
                metrics.remove(source, metric);
            }
            dropExpiredMetrics(source);
        }
        if (eviction.makeRoomForMetric(source, record, size, now)) {
            if (source == Chunks.NONE) {
                source = create(bytes, sourceFrom, sourceTo, sourceHash);
            }
            metrics.add(source, (int) instance, envelopeTimestampNanos, bytes, envelopeFrom, envelopeTo);
        } else {
            refused++;
            if (replaces) {
                eviction.countContainerMetric();
            }
        }
        if (source != Chunks.NONE) {
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
        int source = sources.find(bytes, sourceFrom, sourceTo, sourceHash);
        if (source != Chunks.NONE) {
            lines.read(source, limit == 0 ? Integer.MAX_VALUE : limit, sink);
        }
    }

    /**
     * Hands over the newest container metric of each instance of a source, in no particular order, without those whose
     * envelope timestamp is older than the TTL; none of a source that is not known.
     */
    public void containerMetrics(
            byte[] bytes, int sourceFrom, int sourceTo, int sourceHash, long nowMillis, Sink sink) {
        Objects.checkFromToIndex(sourceFrom, sourceTo, bytes.length);
        int source = sources.find(bytes, sourceFrom, sourceTo, sourceHash);
        if (source != Chunks.NONE) {
            metrics.read(source, oldestValid(nowMillis), sink);
        }
    }

    /**
     * Forgets the sources that are idle for too long; to be called on a timer. A source goes with the first call made
     * after it has been idle for {@code idleSource} and at most a 64th of it more. Costs one step for each source that
     * goes or that was written since it was last looked at, which is once per idle period.
     */
    public void expire(long nowMillis) {
        advance(nowMillis);
        idle.sweep(now, eviction);
    }

    /** Sources that are remembered now. */
    public int sources() {
        return sources.count();
    }

    /** Bytes that this object and all it holds take on the heap now; never more than the budget. */
    public long bytes() {
        return fixedBytes + chunks.allocated();
    }

    /** The part of {@link #bytes} that holds something; the rest is kept for reuse. */
    public long bytesInUse() {
        return bytes() - chunks.reusable();
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
        // A clock that is set back must not make a source look idle.
        now = Math.max(now, nowMillis);
    }

    private int known(byte[] bytes, int from, int to, int hash) {
        int source = sources.find(bytes, from, to, hash);
        if (source != Chunks.NONE) {
            idle.seen(source, now);
            sizes.written(source);
        }
        return source;
    }

    private int create(byte[] bytes, int from, int to, int hash) {
        int source = sources.create(bytes, from, to, hash);
        idle.add(source, now);
        sizes.add(source);
        sizes.written(source);
        return source;
    }

    private void dropExpiredMetrics(int source) {
        long oldest = oldestValid(now);
        for (int metric = metrics.first(source);
                metric != Chunks.NONE && metrics.timestamp(metric) < oldest;
                metric = metrics.first(source)) {
            metrics.remove(source, metric);
        }
    }

    private long oldestValid(long nowMillis) {
        return Math.min(Math.max(0, nowMillis), Long.MAX_VALUE / NANOS_PER_MILLI) * NANOS_PER_MILLI - ttlNanos;
    }

    /** Places in the index: one for about two chunks. */
    private static int capacity(long budgetBytes) {
        long wanted = budgetBytes / Chunks.SIZE / 2;
        return Math.max(MIN_CAPACITY, Math.toIntExact(Long.highestOneBit(wanted)));
    }

    private static long fixedBytes(int capacity) {
        // This object, Sources, Lines, ContainerMetrics and Eviction.
        long objects = 5L * Footprint.OBJECT;
        return objects + HashIndex.footprint(capacity) + SizeClasses.footprint() + IdleWheel.footprint();
    }

    private static int chunkCount(long bytes) {
        long count = bytes / (Chunks.SIZE + Integer.BYTES);
        while (Chunks.footprint(Math.toIntExact(count)) > bytes) {
            count -= Math.max(1, (Chunks.footprint(Math.toIntExact(count)) - bytes) / (2 * Chunks.SIZE));
        }
        return Math.toIntExact(count);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
