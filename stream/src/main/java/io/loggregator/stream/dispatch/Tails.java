package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.table.SourceTable;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.List;

/**
 * The app tails behind one link, read as one: the sources they follow and where they stand in the log. Served at the
 * head as long as the link takes it; else they fall behind and catch up from the log. Those with a name outlive a link that
 * breaks, and the tails of the next go on with them. Owned by the lane.
 */
final class Tails {
    /** Stands for the platform's own metrics where a source is named. */
    static final String PLATFORM = "system";

    /** Beyond everything, so that nothing is due. */
    private static final long NOT_STARTED = Long.MAX_VALUE;

    private final Port port;
    private final SourceTable<List<Port>> followers;
    private final LaneCounters counters;
    private final SourceTable<String> sources = new SourceTable<>();
    private final TailLosses losses = new TailLosses();
    /** Null of tails without a name. */
    private final Unreceived unreceived;

    private boolean platform;
    private boolean spanLost;
    private long position = NOT_STARTED;
    /** Up to the last batch that was sent. */
    private long sentTo;
    /** Up to where that is known to have arrived. */
    private long received;
    /** How often they were told of gaps. */
    private long gapsTold;
    /** Where they stood when the link broke. */
    private long left;

    private boolean absent;

    Tails(Port port, SourceTable<List<Port>> followers, Unreceived.Budget budget, LaneCounters counters) {
        this.port = port;
        this.followers = followers;
        this.counters = counters;
        this.unreceived = port.tailsName().isEmpty() ? null : new Unreceived(budget);
    }

    /** @param gaps how many the peer was told by tails of the name that are forgotten */
    void start(long from, long gaps) {
        this.gapsTold = gaps;
        this.position = from;
        this.sentTo = from;
        this.received = from;
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
        return platform || sources.size() > 0;
    }

    boolean platform() {
        return platform;
    }

    void platform(boolean wanted) {
        this.platform = wanted;
        if (!wanted && sources.get(PLATFORM) == null) {
            losses.forget(PLATFORM);
        }
        forgetUnknownLoss();
    }

    /** A loss is nobody's any more when nobody is left who could have had it. */
    private void forgetUnknownLoss() {
        spanLost &= wantsAnything();
    }

    /** Whether a loss is still to be told. */
    boolean hasGaps() {
        return spanLost || !losses.isEmpty();
    }

    void follow(String source) {
        if (sources.get(source) == null) {
            sources.put(source, source);
            List<Port> ports = followers.get(source);
            if (ports == null) {
                ports = new ArrayList<>(2);
                followers.put(source, ports);
            }
            ports.add(port);
            counters.readers.add(1);
        }
    }

    void unfollow(String source) {
        if (sources.remove(source) != null) {
            unplug(source);
            losses.forget(source);
            forgetUnknownLoss();
        }
    }

    private void unplug(String source) {
        counters.readers.add(-1);
        List<Port> ports = followers.get(source);
        ports.remove(port);
        if (ports.isEmpty()) {
            followers.remove(source);
        }
    }

    private List<String> sources() {
        List<String> all = new ArrayList<>(sources.size());
        sources.forEach((source, same) -> all.add(source));
        return all;
    }

    /** The link is gone, and nobody goes on with them. */
    void end() {
        sources().forEach(this::unfollow);
        platform(false);
        position = NOT_STARTED;
        forget();
    }

    /** The link is gone; from now on they only note what is lost. */
    void leave() {
        sources().forEach(this::unplug);
        absent = true;
        left = position;
    }

    /** Nobody goes on with them any more. */
    void forget() {
        if (unreceived != null) {
            unreceived.forget();
        }
    }

    /** Whether some tail behind the port wants the envelope under the cursor. */
    boolean wants(BatchCursor cursor, List<Port> followersOfSource) {
        return (platform && !cursor.isV1Log()) || (followersOfSource != null && followersOfSource.contains(port));
    }

    /** Whose envelope it is: its source's, if that is followed, else the platform's; null if nobody's. */
    private String owner(BatchCursor cursor) {
        String followed =
                sources.get(cursor.bytes(), cursor.sourceIdStart(), cursor.sourceIdEnd(), cursor.sourceIdHash());
        return followed != null ? followed : platform && !cursor.isV1Log() ? PLATFORM : null;
    }

    /** Whether a loss told under that name is of interest to somebody. */
    private boolean follows(String source) {
        return sources.get(source) != null || (platform && source.equals(PLATFORM));
    }

    /** Notes that some span, nobody knows which envelopes, will not come. */
    void spanLost() {
        spanLost = wantsAnything();
    }

    // ---- what has arrived --------------------------------------------------------------------------------------

    /** Whether something was sent that is not known to have arrived. */
    boolean hasUnreceived() {
        return unreceived != null && received < sentTo && wantsAnything();
    }

    /** A batch that goes up to there was sent. */
    void sent(long to) {
        sentTo = to;
    }

    /** What was sent up to a position, and so many gaps, have arrived. */
    void received(long upTo, long gaps) {
        if (unreceived != null && started()) {
            received = Math.max(received, Math.min(upTo, sentTo));
            unreceived.arrived(received, gaps);
        }
    }

    /**
     * Goes on where those of an earlier link are, instead of {@link #start}. What of the way there is nowhere any more is a
     * loss of the sources that both follow.
     *
     * @param earlier with the same name, and left
     * @param upTo up to where the earlier link's batches have arrived, by what the peer says
     * @param gaps how many of its gaps have
     * @param head up to where the lane has handed out
     * @return how many envelopes are lost that no counter has yet
     */
    long goOn(Tails earlier, long upTo, long gaps, Log log, long head) {
        earlier.received(upTo, gaps);
        boolean all = earlier.received == earlier.sentTo;
        start(Math.min(head, all ? earlier.position : log.borderFrom(Math.max(earlier.received, log.tail()))), gaps);
        earlier.unreceived.forEach((source, gap, ofGap) -> inherit(source, gap, ofGap ? gap.count() : 0));
        earlier.losses.all().forEach(loss -> inherit(loss.source(), loss.gap(), loss.counted()));
        if (earlier.spanLost || !earlier.unreceived.isComplete(earlier.received, gaps)) {
            spanLost();
        }
        long since = all ? earlier.left : earlier.received;
        if (since < Math.max(log.tail(), log.thinnedTo())) {
            for (String source : sources()) {
                if (!earlier.follows(source)) {
                    losses.add(source, Gap.UNKNOWN, 0);
                }
            }
        }
        earlier.forget();
        return losses.count();
    }

    private void inherit(String source, Gap gap, long counted) {
        if (source == null) {
            spanLost();
        } else if (follows(source)) {
            losses.add(source, gap, counted);
        }
    }

    // ---- loss --------------------------------------------------------------------------------------------------

    /** Counts, source by source, what the tails lose when the log overwrites everything before {@code to}. */
    void trimming(Log log, long to, BatchCursor cursor, Span span) {
        noteUnreceived(log, to, cursor, span);
        long lost = pass(log, to, cursor, span, Gap.LAPPED);
        // While they are absent, it is counted when somebody comes to hear of it.
        counters.lappedTails.add(absent ? 0 : lost);
    }

    /** Goes on to a position without sending anything; returns how many envelopes are lost by that. */
    private long pass(Log log, long to, BatchCursor cursor, Span span, String reason) {
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

    /** Batch by batch, as positions are between batches. */
    private void noteUnreceived(Log log, long to, BatchCursor cursor, Span span) {
        long end = Math.min(to, sentTo);
        if (unreceived == null || !started() || received >= end || !wantsAnything()) {
            return;
        }
        long at = log.borderFrom(Math.max(received, log.tail()));
        while (log.read(at, end, 1, span)) {
            cursor.over(span.bytes(), span.start(), span.end());
            while (cursor.next()) {
                noteUnreceived(cursor, span.from(), span.firstMillis(), Gap.LAPPED);
            }
            at = span.to();
        }
    }

    private void noteUnreceived(BatchCursor cursor, long at, long arrivalMillis, String reason) {
        String owner = owner(cursor);
        if (owner != null) {
            unreceived.gone(at, owner, new Gap(1, arrivalMillis, arrivalMillis, reason));
        }
    }

    /** Whether they have yet to be sent something that lies before a position. */
    boolean awaitBefore(long to) {
        return position < to && wantsAnything();
    }

    /** The envelope under the cursor, of a batch at a position, goes from the log: counts it, if that is a loss. */
    void thinning(BatchCursor envelope, long at, long arrivalMillis) {
        if (position <= at) {
            int lost = lose(envelope, arrivalMillis, arrivalMillis, Gap.THINNED);
            counters.thinnedTails.add(absent ? 0 : lost);
        } else if (unreceived != null && started() && received <= at && at < sentTo) {
            noteUnreceived(envelope, at, arrivalMillis, Gap.THINNED);
        }
    }

    private int lose(BatchCursor cursor, long firstMillis, long lastMillis, String reason) {
        String owner = owner(cursor);
        if (owner == null) {
            return 0;
        }
        losses.add(owner, reason, !absent, firstMillis, lastMillis);
        return 1;
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
        String source = null;
        Gap gap = Gap.UNKNOWN;
        if (spanLost) {
            spanLost = false;
        } else {
            TailLosses.Loss loss = losses.poll();
            source = loss.source();
            gap = loss.gap();
        }
        counters.unnumberedTails.add(gap.unknown() ? 1 : 0);
        gapsTold++;
        if (unreceived != null) {
            unreceived.told(gapsTold, source, gap);
        }
        port.outlet().gap(source, gap);
    }

    /**
     * Counts what has not been sent as lost, source by source, and tells the link, if it is there, whether it has room or not:
     * there is no later.
     */
    void giveUp(Log log, long head, BatchCursor cursor, Span span) {
        if (!started()) {
            return;
        }
        long lost = pass(log, head, cursor, span, Gap.STOPPED);
        if (absent) {
            counters.stoppedAbsentTails.add(losses.count());
            return;
        }
        counters.stoppedTails.add(lost);
        while (hasGaps()) {
            tellGap();
        }
    }
}
