package io.loggregator.doppler.limit;

import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.notice.RateNotice;
import io.loggregator.stream.table.RecentCounts;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.TagFinder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Decides for one lane which log lines are taken in, and tells what was not: before the next line of the same source, or after
 * ten seconds without one. Owned by the lane.
 */
public final class LaneLimits {
    /** How long what a source lost is gathered when nothing of it comes through. */
    static final long NOTICE_MILLIS = 10_000;

    /** A source, as this lane sees it. */
    private static final class Source {
        final String id;
        Bucket bucket;
        List<Limiter> askedOf;
        int askedAt;
        long refused;
        long total;
        long firstMillis;
        long lastMillis;
        String limit;
        boolean owed;

        Source(String id) {
            this.id = id;
        }
    }

    /** The values of one tag that have been seen, with their buckets. */
    private static final class Tag {
        final Limiter limiter;
        SourceTable<Value> values = new SourceTable<>();

        Tag(Limiter limiter) {
            this.limiter = limiter;
        }
    }

    private static final class Value {
        final String text;
        Bucket bucket;
        int askedAt;

        Value(String text) {
            this.text = text;
        }
    }

    private final RateLimits limits;
    /** Sources, or values of a tag, that are known at a time; beyond that they are forgotten and looked up again. */
    private final int most;
    /** How many sources may be known: more than that, if so many are owed a notice. */
    private int mostSources;

    private final IntSupplier clock;
    private final RecentCounts recently = new RecentCounts();
    private final List<Source> owing = new ArrayList<>();
    private SourceTable<Source> sources = new SourceTable<>();
    private List<Limiter> limiters;
    private Limiter bySource;
    private List<Tag> tags;
    private TagFinder finder;
    private Bucket[] taken;
    private int second;
    private long nowMillis;
    private byte[] notice;

    public LaneLimits(RateLimits limits) {
        this(limits, RateLimits::second);
    }

    /** @param clock seconds; never set back, the same for all lanes */
    LaneLimits(RateLimits limits, IntSupplier clock) {
        this.limits = limits;
        this.most = limits.values();
        this.mostSources = most;
        this.clock = clock;
        adopt();
    }

    /** Whether there is anything to ask, until the lane's next turn; the time is now this. */
    public boolean begin(long now) {
        nowMillis = now;
        second = clock.getAsInt();
        if (limits.limiters() != limiters) {
            adopt();
        }
        return !limiters.isEmpty() || !owing.isEmpty();
    }

    private void adopt() {
        limiters = limits.limiters();
        bySource = null;
        tags = new ArrayList<>();
        for (Limiter limiter : limiters) {
            if (limiter.bySource()) {
                bySource = limiter;
            } else {
                tags.add(new Tag(limiter));
            }
        }
        finder = new TagFinder(tags.stream().map(tag -> tag.limiter.by()).toList());
        taken = new Bucket[tags.size() + 1];
    }

    /**
     * Whether the log line under the cursor is to be taken in. If it is, {@link #notice} may have to be put before it.
     *
     * @param line as it came, its envelope known to be sound
     */
    public boolean admits(BatchCursor line) {
        int bytes = line.envelopeEnd() - line.recordStart();
        Source source = source(line);
        int draws = 0;
        Bucket own = bucketOf(source);
        if (own != null) {
            if (!own.take(second, bytes)) {
                return refuse(line, source, bySource, own, 0, bytes);
            }
            taken[draws++] = own;
        }
        if (!tags.isEmpty()) {
            finder.find(line.bytes(), line.envelopeStart(), line.envelopeEnd());
            for (int i = 0; i < tags.size(); i++) {
                Bucket shared =
                        finder.from(i) < 0 ? null : bucketOf(tags.get(i), line.bytes(), finder.from(i), finder.to(i));
                if (shared == null) {
                    continue;
                }
                if (!shared.take(second, bytes)) {
                    return refuse(line, source, tags.get(i).limiter, shared, draws, bytes);
                }
                taken[draws++] = shared;
            }
        }
        if (source.refused > 0) {
            notice = noticeOf(source);
        }
        return true;
    }

    private boolean refuse(BatchCursor line, Source source, Limiter by, Bucket full, int draws, int bytes) {
        for (int i = 0; i < draws; i++) {
            taken[i].giveBack(second, bytes);
        }
        by.countRefused();
        recently.at(nowMillis);
        recently.count(line);
        if (source.refused++ == 0) {
            source.firstMillis = nowMillis;
        }
        source.total++;
        source.lastMillis = nowMillis;
        source.limit = full.shown();
        if (!source.owed) {
            source.owed = true;
            owing.add(source);
        }
        return false;
    }

    private Source source(BatchCursor line) {
        byte[] bytes = line.bytes();
        int from = line.sourceIdStart();
        int to = line.sourceIdEnd();
        Source source = sources.get(bytes, from, to, line.sourceIdHash());
        if (source == null) {
            if (sources.size() >= mostSources) {
                forgetSources();
            }
            source = new Source(text(bytes, from, to));
            sources.put(bytes, from, to, line.sourceIdHash(), source);
        }
        return source;
    }

    /** Those that are owed a notice stay, and there is as much room for others as before. */
    private void forgetSources() {
        sources = new SourceTable<>();
        owing.forEach(source -> sources.put(source.id, source));
        mostSources = most + owing.size();
    }

    private Bucket bucketOf(Source source) {
        if (source.askedOf != limiters || isOver(source.bucket, source.askedAt)) {
            source.askedOf = limiters;
            source.askedAt = second;
            source.bucket = bySource == null ? null : bySource.of(source.id, second);
        }
        return source.bucket;
    }

    /** Whether there is to be another look for a bucket: the one there was is retired, or there may be room for one now. */
    private boolean isOver(Bucket bucket, int askedAt) {
        return bucket == null ? second - askedAt >= Limiter.IDLE_SECONDS : bucket.isRetired();
    }

    private Bucket bucketOf(Tag tag, byte[] bytes, int from, int to) {
        int hash = BatchCursor.hash(bytes, from, to);
        Value value = tag.values.get(bytes, from, to, hash);
        if (value == null) {
            if (tag.values.size() >= most) {
                tag.values = new SourceTable<>();
            }
            value = new Value(text(bytes, from, to));
            tag.values.put(bytes, from, to, hash, value);
        } else if (!isOver(value.bucket, value.askedAt)) {
            return value.bucket;
        }
        value.askedAt = second;
        value.bucket = tag.limiter.of(value.text, second);
        return value.bucket;
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** The notice that belongs before the line that was admitted last, as batch bytes with one envelope; or null. Once. */
    public byte[] notice() {
        byte[] due = notice;
        notice = null;
        return due;
    }

    private byte[] noticeOf(Source source) {
        byte[] told = new RateNotice(
                        source.id,
                        source.refused,
                        source.total,
                        SteadyClock.toSystem(source.firstMillis),
                        SteadyClock.toSystem(source.lastMillis),
                        source.limit)
                .v2();
        source.refused = 0;
        return told;
    }

    /** Hands over the notices of sources that nothing has been taken of for ten seconds. */
    public void tell(long now, Consumer<byte[]> notices) {
        owing.removeIf(source -> {
            if (source.refused > 0 && now - source.firstMillis >= NOTICE_MILLIS) {
                notices.accept(noticeOf(source));
            }
            source.owed = source.refused > 0;
            return !source.owed;
        });
    }

    /** Whether so many sources are owed a notice that all are to be told now, for memory's sake. */
    public boolean isOwingMany() {
        return owing.size() >= most;
    }

    /** Hands over the notices of all that has not been told. */
    public void tellAll(Consumer<byte[]> notices) {
        tell(Long.MAX_VALUE, notices);
    }

    /** Lines that were left out in the last ten to twenty seconds, by source. */
    public Map<String, Long> lately(long now) {
        recently.at(now);
        return recently.lately();
    }
}
