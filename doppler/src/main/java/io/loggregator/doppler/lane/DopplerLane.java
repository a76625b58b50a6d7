package io.loggregator.doppler.lane;

import io.loggregator.doppler.limit.LaneLimits;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.GroupLag;
import io.loggregator.stream.dispatch.Lane;
import io.loggregator.stream.log.MemoryLog;
import io.loggregator.stream.recent.RecentPast;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.BatchFraming;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * An event loop with the log, the readers and the recent past of what its connections bring. Everything but {@link
 * #execute} and the counters is called on the loop.
 */
public final class DopplerLane {
    /** How much one entry of the log holds at most, a single larger envelope apart. */
    private static final int ENTRY_BYTES = Lane.SPAN_BYTES;

    private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);

    private final int index;
    private final EventLoop loop;
    private final Lane lane;
    private final RecentPast recent;
    private final boolean recentLogs;
    private final IngressCounters counters = new IngressCounters();
    private final BatchCursor cursor = new BatchCursor(true);
    private final BatchCursor noticeCursor = new BatchCursor(true);
    /** Null: all lines are taken in. */
    private final LaneLimits limits;

    private final ScheduledFuture<?> housekeeping;
    private boolean pumpScheduled;
    private boolean closed;
    /** Taken now and then, for metrics. */
    private volatile Recent recentNow = new Recent(0, 0, 0, 0);

    private volatile List<GroupLag> lagsNow = List.of();

    private record Recent(int sources, long bytes, long evictedSources, long evictedLogs) {}

    /**
     * @param logBytes memory of the log; a quarter of it is for what late readers are kept of the quiet sources
     * @param recent empty, used by this lane only
     * @param recentLogs whether logs are kept in it, too
     */
    public DopplerLane(int index, EventLoop loop, long logBytes, RecentPast recent, boolean recentLogs) {
        this(index, loop, logBytes, recent, recentLogs, Optional.empty());
    }

    /** @param limits what is left out of log lines */
    public DopplerLane(
            int index,
            EventLoop loop,
            long logBytes,
            RecentPast recent,
            boolean recentLogs,
            Optional<LaneLimits> limits) {
        this.index = index;
        this.loop = loop;
        this.lane = new Lane(MemoryLog.thinning(logBytes));
        this.recent = recent;
        this.recentLogs = recentLogs;
        this.limits = limits.orElse(null);
        this.housekeeping = loop.scheduleAtFixedRate(
                this::keepHouse, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Which of the Doppler's lanes this is, from 0. */
    public int index() {
        return index;
    }

    /** The log's readers. */
    public Lane lane() {
        return lane;
    }

    /** Recent logs and container metrics. */
    public RecentPast recent() {
        return recent;
    }

    /** What came in; read from any thread. */
    public IngressCounters counters() {
        return counters;
    }

    /** Whether the calling thread is the lane's. */
    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    /** The lane that the calling thread belongs to, one of these. */
    public static DopplerLane current(List<DopplerLane> lanes) {
        for (DopplerLane lane : lanes) {
            if (lane.isCurrent()) {
                return lane;
            }
        }
        throw new IllegalStateException("gRPC must run on the lanes' event loops");
    }

    /** Runs something on the lane's loop, at once when called there; from any thread, in the order of the calls. */
    public void execute(Runnable action) {
        if (loop.inEventLoop()) {
            action.run();
        } else {
            loop.execute(action);
        }
    }

    /** Runs an action in a turn of the loop after this one; from any thread, in the order of the calls. */
    public void later(Runnable action) {
        loop.execute(action);
    }

    /** Whether envelopes are still taken in; on the loop. */
    public boolean isOpen() {
        return !closed;
    }

    /** From now on nothing is to be taken in; on the loop. */
    public void close() {
        if (limits != null) {
            limits.tellAll(this::takeNotice);
            schedulePump();
        }
        closed = true;
    }

    /** Runs an action on the loop after a while, unless it is cancelled; on the loop. */
    public Future<?> later(long millis, Runnable action) {
        return loop.schedule(action, millis, TimeUnit.MILLISECONDS);
    }

    /** Runs an action on the loop again and again, until it is cancelled; from any thread. */
    public ScheduledFuture<?> every(long millis, Runnable action) {
        return loop.scheduleAtFixedRate(action, millis, millis, TimeUnit.MILLISECONDS);
    }

    /**
     * Takes in one batch. What is malformed in it is left out and counted, and so are lines beyond a rate limit; nothing
     * waits for any reader.
     *
     * @return how many envelopes were malformed; a batch whose framing is unsound counts as one
     */
    public int accept(byte[] bytes, int from, int to) {
        counters.batches.add(1);
        if (!BatchFraming.sound(bytes, from, to)) {
            counters.malformedBatches.add(1);
            counters.malformedBytes.add(to - from);
            return 1;
        }
        long now = SteadyClock.millis();
        int malformed = 0;
        int start = from;
        int end = from;
        int envelopes = 0;
        int logs = 0;
        boolean limited = limits != null && limits.begin(now);
        if (limited && limits.isOwingMany()) {
            limits.tellAll(this::takeNotice);
        }
        cursor.over(bytes, from, to);
        while (cursor.next()) {
            boolean valid = cursor.valid();
            boolean taken = valid && (!limited || cursor.kind() != BatchCursor.LOG || limits.admits(cursor));
            byte[] notice = limited ? limits.notice() : null;
            if (envelopes > 0 && (!taken || notice != null || cursor.envelopeEnd() - start > ENTRY_BYTES)) {
                lane.accept(bytes, start, end, envelopes, logs, now);
                counters.envelopes.add(envelopes);
                envelopes = 0;
                logs = 0;
            }
            if (!valid) {
                malformed++;
                counters.malformedEnvelopes.add(1);
                counters.malformedBytes.add(cursor.envelopeEnd() - cursor.recordStart());
            }
            if (!taken) {
                continue;
            }
            if (notice != null) {
                takeNotice(notice);
            }
            if (envelopes == 0) {
                start = cursor.recordStart();
            }
            end = cursor.envelopeEnd();
            envelopes++;
            if (cursor.isV1Log()) {
                logs++;
            }
            remember(cursor, now);
        }
        if (envelopes > 0) {
            lane.accept(bytes, start, end, envelopes, logs, now);
            counters.envelopes.add(envelopes);
        }
        schedulePump();
        return malformed;
    }

    /** Takes in a line of our own, whose batch has no other envelope. */
    private void takeNotice(byte[] batch) {
        long now = SteadyClock.millis();
        lane.accept(batch, 0, batch.length, 1, 1, now);
        counters.envelopes.add(1);
        noticeCursor.over(batch, 0, batch.length);
        if (noticeCursor.next()) {
            remember(noticeCursor, now);
        }
    }

    private void remember(BatchCursor envelope, long now) {
        int kind = envelope.kind();
        if (envelope.sourceIdStart() == envelope.sourceIdEnd()) {
            return;
        }
        if (kind == BatchCursor.LOG) {
            if (recentLogs && envelope.isV1Log()) {
                recent.log(
                        envelope.bytes(),
                        envelope.sourceIdStart(),
                        envelope.sourceIdEnd(),
                        envelope.sourceIdHash(),
                        envelope.envelopeStart(),
                        envelope.envelopeEnd(),
                        now);
            }
        } else if (kind == BatchCursor.GAUGE) {
            recent.containerMetric(
                    envelope.bytes(),
                    envelope.sourceIdStart(),
                    envelope.sourceIdEnd(),
                    envelope.sourceIdHash(),
                    envelope.envelopeStart(),
                    envelope.envelopeEnd(),
                    envelope.timestamp(),
                    now,
                    // An envelope's timestamp is of another machine's clock.
                    SteadyClock.toSystem(now));
        }
    }

    /** Lets readers go on at the end of this turn of the loop; on the loop. */
    public void schedulePump() {
        if (!pumpScheduled) {
            pumpScheduled = true;
            loop.execute(this::pump);
        }
    }

    private void pump() {
        pumpScheduled = false;
        if (lane.pump()) {
            schedulePump();
        }
    }

    private void keepHouse() {
        long now = SteadyClock.millis();
        recent.expire(now);
        lane.expire(now);
        if (limits != null) {
            limits.tell(now, this::takeNotice);
            schedulePump();
        }
        lagsNow = lane.lags(now);
        recentNow = new Recent(recent.sources(), recent.bytes(), recent.evictedSources(), recent.evictedLogs());
    }

    /** Lines that rate limits kept out lately, by source; on the loop. */
    public Map<String, Long> limitedLately(long now) {
        return limits == null ? Map.of() : limits.lately(now);
    }

    /** How far behind the log's readers were, a second ago at most; from any thread. */
    public List<GroupLag> lags() {
        return lagsNow;
    }

    /** Sources whose recent past is kept, a second ago at most; from any thread. */
    public int recentSources() {
        return recentNow.sources();
    }

    /** Memory that takes; from any thread. */
    public long recentBytes() {
        return recentNow.bytes();
    }

    /** Sources forgotten for room; from any thread. */
    public long recentEvictedSources() {
        return recentNow.evictedSources();
    }

    /** Lines forgotten for room; from any thread. */
    public long recentEvictedLogs() {
        return recentNow.evictedLogs();
    }

    /** Ends the lane's timers. */
    public void stop() {
        housekeeping.cancel(false);
    }
}
