package io.loggregator.stream.dispatch;

import io.loggregator.stream.Tally;
import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Share;
import java.util.ArrayDeque;

/** One client's part in a group, as one lane sees it. Owned by the lane. */
public final class Member {
    private final long id;
    private final Group group;
    private final Port port;
    private final String deterministicName;
    private final Tally windowsFull;
    private final ArrayDeque<Delivery> out = new ArrayDeque<>();

    /** Ranges whose share waits for room, while the group has gone on; each within one segment of the log. */
    private final ArrayDeque<Delivery> parked = new ArrayDeque<>();

    private Gap gap;
    private Share share = Share.ALL;
    private long window;
    private long outBytes;
    /** Whether it was refused something by its window, and has not confirmed half of that since. */
    private boolean full;

    private long lastSequence;
    private boolean lags;

    /** @param windowsFull counts the times that its window is used up */
    Member(long id, Group group, Port port, long window, String deterministicName, Tally windowsFull) {
        this.id = id;
        this.group = group;
        this.port = port;
        this.window = window;
        this.deterministicName = deterministicName;
        this.windowsFull = windowsFull;
    }

    long id() {
        return id;
    }

    Group group() {
        return group;
    }

    Port port() {
        return port;
    }

    String deterministicName() {
        return deterministicName;
    }

    /** What of the group's ranges it gets from now on. */
    Share share() {
        return share;
    }

    void share(Share newShare) {
        this.share = newShare;
    }

    /** Sets how many bytes may be out unconfirmed; 0: nothing more is sent. */
    void window(long bytes) {
        this.window = bytes;
        noteRoom();
    }

    /** Whether it is far behind, and was told if it could be. */
    boolean lags() {
        return lags;
    }

    void lags(boolean nowLags) {
        this.lags = nowLags;
    }

    /** Whether that much more may be sent. Where a window is open at all, one thing may be out, however large. */
    boolean takes(long bytes) {
        if (!port.outlet().writable()) {
            return false;
        }
        if (out.isEmpty() ? window > 0 : outBytes + bytes <= window) {
            return true;
        }
        if (!full && window > 0) {
            full = true;
            windowsFull.add(1);
        }
        return false;
    }

    private void noteRoom() {
        full &= outBytes > window / 2;
    }

    /** How much more may be sent within the window; 0 if the link takes nothing. */
    long room() {
        return port.outlet().writable() ? Math.max(0, window - outBytes) : 0;
    }

    /** Notes what is about to be sent; returns its sequence number. */
    long sending(Delivery delivery) {
        lastSequence++;
        out.add(delivery.numbered(lastSequence));
        outBytes += delivery.bytes();
        return lastSequence;
    }

    /** Takes the confirmation of everything up to a sequence number; returns how many envelopes that confirms. */
    long confirm(long sequence) {
        long envelopes = 0;
        while (!out.isEmpty() && out.peek().sequence() <= sequence) {
            Delivery delivery = out.poll();
            outBytes -= delivery.bytes();
            envelopes += delivery.envelopes();
        }
        noteRoom();
        return envelopes;
    }

    /** Everything unconfirmed, oldest first; the member has nothing out afterwards. */
    ArrayDeque<Delivery> takeBack() {
        ArrayDeque<Delivery> back = new ArrayDeque<>(out);
        out.clear();
        outBytes = 0;
        return back;
    }

    /** Whether everything that was sent, word of gaps included, has been confirmed, and nothing waits. */
    boolean settled() {
        return out.isEmpty() && upToDate();
    }

    /** Envelopes sent and not confirmed. */
    long unconfirmed() {
        return sum(out);
    }

    private static long sum(ArrayDeque<Delivery> deliveries) {
        long envelopes = 0;
        for (Delivery delivery : deliveries) {
            envelopes += delivery.envelopes();
        }
        return envelopes;
    }

    // ---- what waits for this member alone ----------------------------------------------------------------------

    /** Whether nothing waits that would have to be sent before what is new. */
    boolean upToDate() {
        return parked.isEmpty() && gap == null;
    }

    /** Lets a range wait; where it continues the last one, in the same segment of the log, the two become one. */
    void park(Delivery range, Log log, Span probe) {
        Delivery last = parked.peekLast();
        if (last != null
                && last.to() == range.from()
                && last.share().equals(range.share())
                && range.to() - last.from() <= Lane.SPAN_BYTES
                && log.read(last.from(), range.to(), Integer.MAX_VALUE, probe)
                && probe.to() == range.to()) {
            parked.removeLast();
            parked.add(last.with(range));
        } else if (range.envelopes() > 0) {
            parked.add(range);
        }
    }

    /** The oldest range that waits, or null. */
    Delivery parked() {
        return parked.peek();
    }

    /** Where that begins; beyond everything if nothing waits. */
    long oldest() {
        return parked.isEmpty() ? Long.MAX_VALUE : parked.peek().from();
    }

    void unpark() {
        parked.remove();
    }

    /** Envelopes that wait. */
    long waiting() {
        return sum(parked);
    }

    /** Everything that waits, oldest first; nothing waits afterwards. */
    ArrayDeque<Delivery> takeParked() {
        ArrayDeque<Delivery> waiting = new ArrayDeque<>(parked);
        parked.clear();
        return waiting;
    }

    /** What this member alone is to be told it lost, or null. */
    Gap gap() {
        return gap;
    }

    /** Notes that something may be lost that came before it joined again, nobody knows how much. */
    void unknownLoss() {
        gap = Gap.merge(gap, Gap.UNKNOWN);
    }

    void gapTold() {
        gap = null;
    }

    /** Drops, for a reason, the ranges that lie before a position; returns how many envelopes that is. */
    long lose(long before, String reason) {
        long lost = 0;
        while (!parked.isEmpty() && parked.peek().from() < before) {
            lost += lose(parked.poll(), null, reason);
        }
        return lost;
    }

    /** The log has been thinned between two positions; returns how many envelopes that wait are gone by that. */
    long thinned(long from, long to, Counting counting) {
        long lost = 0;
        for (int i = parked.size(); i > 0; i--) {
            Delivery range = parked.poll();
            Delivery held = range;
            if (range.from() >= from && range.from() < to) {
                held = counting.held(range, group.selection());
                lost += lose(range, held, Gap.THINNED);
            }
            if (held != null) {
                parked.add(held);
            }
        }
        return lost;
    }

    private long lose(Delivery range, Delivery held, String reason) {
        Gap lost = range.lost(held, reason);
        gap = Gap.merge(gap, lost);
        return lost == null ? 0 : lost.count();
    }

    /** Whether something waits that lies before a position. */
    boolean waitsBefore(long position) {
        return !parked.isEmpty() && parked.peek().from() < position;
    }
}
