package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The app tails behind one link, read as one: the sources they follow and where they stand in the log. Served at the
 * head as long as the link takes it; else they fall behind and catch up from the log. Owned by the lane.
 */
final class Tails {
    /** Stands for the platform's own metrics where a source is named. */
    static final String PLATFORM = "system";

    private static final byte[] SYSTEM = PLATFORM.getBytes(StandardCharsets.UTF_8);
    private static final int SYSTEM_HASH = BatchCursor.hash(SYSTEM, 0, SYSTEM.length);

    /** Beyond everything, so that nothing is due. */
    private static final long NOT_STARTED = Long.MAX_VALUE;

    private final Port port;
    private final SourceTable<List<Port>> followers;
    private final Set<String> sources = new HashSet<>();
    /** What is lost and not yet told, by source. */
    private final SourceTable<Loss> losses = new SourceTable<>();

    /** The same, in the order in which it is told. */
    private final ArrayDeque<Loss> untold = new ArrayDeque<>();

    private String reason = Gap.LAPPED;
    private boolean platform;
    private boolean spanLost;
    private long position = NOT_STARTED;

    Tails(Port port, SourceTable<List<Port>> followers) {
        this.port = port;
        this.followers = followers;
    }

    void start(long from) {
        this.position = from;
    }

    boolean started() {
        return position != NOT_STARTED;
    }

    long position() {
        return position;
    }

    void position(long newPosition) {
        this.position = newPosition;
    }

    boolean wantsAnything() {
        return platform || !sources.isEmpty();
    }

    boolean platform() {
        return platform;
    }

    void platform(boolean wanted) {
        this.platform = wanted;
        if (!wanted && !sources.contains(PLATFORM)) {
            forgetLoss(PLATFORM);
        }
        forgetUnknownLoss();
    }

    /** A loss is nobody's any more when nobody is left who could have had it. */
    private void forgetUnknownLoss() {
        spanLost &= wantsAnything();
    }

    private void forgetLoss(String source) {
        Loss loss = losses.remove(source);
        if (loss != null) {
            untold.remove(loss);
        }
    }

    /** Whether a loss is still to be told. */
    boolean hasGaps() {
        return spanLost || !untold.isEmpty();
    }

    void follow(String source) {
        if (sources.add(source)) {
            List<Port> ports = followers.get(source);
            if (ports == null) {
                ports = new ArrayList<>(2);
                followers.put(source, ports);
            }
            ports.add(port);
        }
    }

    void unfollow(String source) {
        if (sources.remove(source)) {
            List<Port> ports = followers.get(source);
            ports.remove(port);
            if (ports.isEmpty()) {
                followers.remove(source);
            }
            forgetLoss(source);
            forgetUnknownLoss();
        }
    }

    void unfollowAll() {
        for (String source : List.copyOf(sources)) {
            unfollow(source);
        }
        platform(false);
    }

    /** Whether some tail behind the port wants the envelope under the cursor. */
    boolean wants(BatchCursor cursor, List<Port> followersOfSource) {
        return (platform && !cursor.isV1Log()) || (followersOfSource != null && followersOfSource.contains(port));
    }

    /** Notes that some span, nobody knows which envelopes, will not come. */
    void spanLost() {
        spanLost = wantsAnything();
    }

    /** Counts, source by source, what the tails lose when the log overwrites everything before {@code to}. */
    long trimming(Log log, long to, BatchCursor cursor, Span span) {
        if (position >= to) {
            return 0;
        }
        long lost = 0;
        if (wantsAnything()) {
            long at = position;
            while (log.read(at, to, Integer.MAX_VALUE, span)) {
                lost += count(cursor.over(span.bytes(), span.start(), span.end()), span);
                at = span.to();
            }
        }
        position = to;
        return lost;
    }

    private long count(BatchCursor cursor, Span span) {
        long lost = 0;
        while (cursor.next()) {
            byte[] bytes = cursor.bytes();
            int from = cursor.sourceIdStart();
            int to = cursor.sourceIdEnd();
            int hash = cursor.sourceIdHash();
            List<Port> interested = followers.get(bytes, from, to, hash);
            if (interested != null && interested.contains(port)) {
                lose(losses.get(bytes, from, to, hash), bytes, from, to, span);
                lost++;
            } else if (wants(cursor, null)) {
                lose(losses.get(SYSTEM, 0, SYSTEM.length, SYSTEM_HASH), SYSTEM, 0, SYSTEM.length, span);
                lost++;
            }
        }
        return lost;
    }

    /** Counts one envelope; only the first of a source costs more than that, for apps flood just when there is loss. */
    private void lose(Loss known, byte[] bytes, int from, int to, Span span) {
        Loss loss = known;
        if (loss == null) {
            loss = new Loss(new String(bytes, from, to - from, StandardCharsets.UTF_8), span.firstMillis());
            losses.put(loss.source, loss);
            untold.add(loss);
        }
        loss.count++;
        loss.firstMillis = Math.min(loss.firstMillis, span.firstMillis());
        loss.lastMillis = Math.max(loss.lastMillis, span.lastMillis());
    }

    /** Tells the link what its tails lost, if it takes it now; returns whether nothing is left to tell. */
    boolean tellGaps() {
        while (hasGaps()) {
            if (!port.outlet().writable()) {
                return false;
            }
            tellGap();
        }
        return true;
    }

    private void tellGap() {
        if (spanLost) {
            spanLost = false;
            port.outlet().gap(null, new Gap(0, 0, 0, Gap.LINK_DOWN));
        } else {
            Loss loss = untold.poll();
            losses.remove(loss.source);
            port.outlet().gap(loss.source, new Gap(loss.count, loss.firstMillis, loss.lastMillis, reason));
        }
    }

    /**
     * Counts what has not been sent as lost, source by source, and tells the link whether it has room or not: there is
     * no later.
     *
     * @return how many envelopes that is
     */
    long giveUp(Log log, long head, BatchCursor cursor, Span span) {
        if (!started()) {
            return 0;
        }
        reason = Gap.STOPPED;
        long lost = trimming(log, head, cursor, span);
        while (hasGaps()) {
            tellGap();
        }
        return lost;
    }

    /** What the tails of one source lost. */
    private static final class Loss {
        final String source;
        long count;
        long firstMillis;
        long lastMillis;

        Loss(String source, long firstMillis) {
            this.source = source;
            this.firstMillis = firstMillis;
        }
    }
}
