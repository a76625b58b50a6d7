package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Selection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Readers that share one copy of the stream, as one lane sees them: where they stand in the log, what came back from
 * members that left, what was lost. Owned by the lane.
 */
public final class Group {
    private final GroupKey key;
    private final Log log;
    private final Counting counting;
    private final GroupLedger ledger = new GroupLedger();
    private final List<Member> members = new ArrayList<>();
    private final Queue<Delivery> returned = new PriorityQueue<>(Comparator.comparingLong(Delivery::from));
    private int turn;
    private Gap gap;
    private long position;
    private boolean behind;
    private long graceUntil;
    private boolean gaveUp;

    Group(GroupKey key, Log log, Counting counting, long position) {
        this.key = key;
        this.log = log;
        this.counting = counting;
        this.position = position;
    }

    GroupKey key() {
        return key;
    }

    GroupLedger ledger() {
        return ledger;
    }

    Selection selection() {
        return key.selection();
    }

    long position() {
        return position;
    }

    void position(long newPosition) {
        this.position = newPosition;
    }

    /** Whether the group is on the lane's list of those with something to catch up with. */
    boolean behind() {
        return behind;
    }

    void behind(boolean nowBehind) {
        this.behind = nowBehind;
    }

    void join(Member member) {
        members.add(member);
    }

    /** Takes a member out; what it had not confirmed comes back to the group. */
    void leave(Member member) {
        int at = members.indexOf(member);
        if (at < 0) {
            return;
        }
        members.remove(at);
        if (at < turn) {
            turn--;
        }
        for (Delivery delivery : member.takeBack()) {
            takeBack(delivery);
        }
    }

    private void takeBack(Delivery delivery) {
        if (delivery.gap() != null) {
            gap = Gap.merge(gap, delivery.gap());
        } else if (delivery.from() < log.tail()) {
            ledger.unconfirmed.add(delivery.envelopes());
            lose(delivery, Gap.UNCONFIRMED);
        } else if (gaveUp) {
            ledger.unconfirmed.add(delivery.envelopes());
        } else {
            returned.add(delivery);
        }
    }

    private void lose(Delivery delivery, String reason) {
        gap = Gap.merge(gap, new Gap(delivery.envelopes(), delivery.firstMillis(), delivery.lastMillis(), reason));
    }

    boolean hasMembers() {
        return !members.isEmpty();
    }

    long graceUntil() {
        return graceUntil;
    }

    void graceUntil(long millis) {
        this.graceUntil = millis;
    }

    /** The member whose turn it is among those that can take so many bytes, or null. */
    Member next(long bytes) {
        int count = members.size();
        for (int i = 0; i < count; i++) {
            int at = turn + i < count ? turn + i : turn + i - count;
            Member member = members.get(at);
            if (member.takes(bytes)) {
                turn = at + 1 < count ? at + 1 : 0;
                return member;
            }
        }
        return null;
    }

    /** How much the member with the widest open window may be sent. */
    long room() {
        long room = 0;
        for (int i = 0; i < members.size(); i++) {
            room = Math.max(room, members.get(i).room());
        }
        return room;
    }

    /** What the group is to be told it lost, or null. */
    Gap gap() {
        return gap;
    }

    void gapTold() {
        gap = null;
    }

    /** Ranges that came back, oldest first. */
    Queue<Delivery> returned() {
        return returned;
    }

    /** Counts what of this group goes when the log overwrites everything before {@code to}. */
    void trimming(long to, long lastMillis) {
        if (position < to) {
            long lost = counting.between(position, to, selection());
            if (lost > 0) {
                ledger.lapped.add(lost);
                gap = Gap.merge(gap, new Gap(lost, log.arrivalAt(position), lastMillis, Gap.LAPPED));
            }
            position = to;
        }
        if (!returned.isEmpty()) {
            returned.removeIf(delivery -> {
                // A delivery lies within one segment, so it goes whole or not at all.
                boolean goes = delivery.from() < to;
                if (goes) {
                    ledger.lapped.add(delivery.envelopes());
                    lose(delivery, Gap.LAPPED);
                }
                return goes;
            });
        }
    }

    /**
     * Counts what has not been sent as lost to the group, and stands at the head from then on. What comes back later is
     * not sent again: it may have arrived.
     *
     * @return how many envelopes that is
     */
    long giveUp(long head, Span span) {
        gaveUp = true;
        long lost = 0;
        for (Delivery delivery : returned) {
            lost += delivery.envelopes();
            lose(delivery, Gap.STOPPED);
        }
        returned.clear();
        while (log.read(position, head, Integer.MAX_VALUE, span)) {
            int wanted = counting.in(span, selection());
            if (wanted > 0) {
                lost += wanted;
                gap = Gap.merge(gap, new Gap(wanted, span.firstMillis(), span.lastMillis(), Gap.STOPPED));
            }
            position = span.to();
        }
        ledger.stopped.add(lost);
        return lost;
    }

    /** The member whose turn it is among those with room, else any; null if there is none. */
    Member nextOrAny(long bytes) {
        Member member = next(bytes);
        return member != null || members.isEmpty() ? member : members.get(0);
    }

    /** Whether members have confirmed everything that was sent to them. */
    boolean settled() {
        for (Member member : members) {
            if (!member.settled()) {
                return false;
            }
        }
        return true;
    }

    /** Envelopes that are out at members. */
    long out() {
        long envelopes = 0;
        for (Member member : members) {
            envelopes += member.unconfirmed();
        }
        return envelopes;
    }

    /** Envelopes that are neither delivered nor dropped: out at members, come back, or not yet read. */
    long pending(long head) {
        long envelopes = counting.between(position, head, selection()) + out();
        for (Delivery delivery : returned) {
            envelopes += delivery.envelopes();
        }
        return envelopes;
    }
}
