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
        return trimming(log, to, cursor, span, Gap.LAPPED);
    }

    private long trimming(Log log, long to, BatchCursor cursor, Span span, String reason) {
        if (position >= to) {
            return 0;
        }
        long lost = 0;
        if (wantsAnything()) {
            long at = position;
            while (log.read(at, to, Integer.MAX_VALUE, span)) {
                cursor.over(span.bytes(), span.start(), span.end());
                while (cursor.next()) {
                    lost += lose(cursor, span.firstMillis(), span.lastMillis(), reason);
                }
                at = span.to();
            }
        }
        position = to;
        return lost;
    }

    /** Whether they have yet to be sent something that lies before a position. */
    boolean awaitBefore(long to) {
        return position < to && wantsAnything();
    }

    /** The envelope under the cursor, of a batch at a position, goes from the log; returns 1 if that is a loss, else 0. */
    int thinning(BatchCursor envelope, long at, long arrivalMillis) {
        return position <= at ? lose(envelope, arrivalMillis, arrivalMillis, Gap.THINNED) : 0;
    }

    private int lose(BatchCursor cursor, long firstMillis, long lastMillis, String reason) {
        byte[] bytes = cursor.bytes();
        int from = cursor.sourceIdStart();
        int to = cursor.sourceIdEnd();
        int hash = cursor.sourceIdHash();
        List<Port> interested = followers.get(bytes, from, to, hash);
        Loss loss;
        if (interested != null && interested.contains(port)) {
            loss = lossOf(losses.get(bytes, from, to, hash), bytes, from, to, reason);
        } else if (wants(cursor, null)) {
            loss = lossOf(losses.get(SYSTEM, 0, SYSTEM.length, SYSTEM_HASH), SYSTEM, 0, SYSTEM.length, reason);
        } else {
            return 0;
        }
        loss.count++;
        loss.firstMillis = Math.min(loss.firstMillis, firstMillis);
        loss.lastMillis = Math.max(loss.lastMillis, lastMillis);
        return 1;
    }

    /** Only the first loss of a source costs more than a look at it, for apps flood just when there is loss. */
    private Loss lossOf(Loss known, byte[] bytes, int from, int to, String reason) {
        Loss loss = known;
        if (loss == null) {
            loss = new Loss(new String(bytes, from, to - from, StandardCharsets.UTF_8), reason);
            losses.put(loss.source, loss);
            untold.add(loss);
        }
        return loss;
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
            port.outlet().gap(loss.source, new Gap(loss.count, loss.firstMillis, loss.lastMillis, loss.reason));
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
        long lost = trimming(log, head, cursor, span, Gap.STOPPED);
        while (hasGaps()) {
            tellGap();
        }
        return lost;
    }

    /** What the tails of one source lost. */
    private static final class Loss {
        final String source;
        final String reason;
        long count;
        long firstMillis = Long.MAX_VALUE;
        long lastMillis;

        Loss(String source, String reason) {
            this.source = source;
            this.reason = reason;
        }
    }
}
