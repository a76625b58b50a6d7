package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.selection.Share;
import java.util.ArrayDeque;
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
    private static final Comparator<Member> BY_NAME =
            Comparator.comparing(Member::deterministicName).thenComparingLong(Member::id);

    private final GroupKey key;
    private final boolean alone;
    private final Log log;
    private final Counting counting;
    private final Interest interest;
    private final GroupLedger ledger;
    private final List<Member> members = new ArrayList<>();
    private final Queue<Delivery> returned = new PriorityQueue<>(Comparator.comparingLong(Delivery::from));
    private boolean shares;
    private int turn;
    private final long begun;
    private final long start;
    private long missesBefore;
    private long position;
    private final Reckoning reckoning;
    private long sentTo;
    private boolean behind;
    private long graceUntil;
    private boolean waits;
    private boolean gaveUp;

    /** A range that was counted and that no member had room for, so that it need not be counted again; or null. */
    Delivery refused;

    /** Of the client that it is for, if it is one client's own. */
    Seat seat;

    final Losing losing = new Losing();

    /**
     * @param ledger goes on from what it has counted
     * @param start where it stands, and envelopes that it got from the lane before that
     * @param begun up to where the lane has handed out
     */
    Group(
            Joining first,
            GroupLedger ledger,
            Log log,
            Counting counting,
            Interests interests,
            Resume start,
            long begun) {
        this.key = first.key();
        this.alone = first.alone();
        this.ledger = ledger;
        this.log = log;
        this.counting = counting;
        this.start = start.position();
        this.position = start.position();
        this.sentTo = start.position();
        this.reckoning = new Reckoning(start.count());
        this.begun = begun;
        this.interest = interests.add(this, key.selection());
    }

    GroupKey key() {
        return key;
    }

    /** Whether it is one client's own. */
    boolean alone() {
        return alone;
    }

    GroupLedger ledger() {
        return ledger;
    }

    Selection selection() {
        return key.selection();
    }

    /** What the lane's walks find for the group; null if classes decide what it gets. */
    Interest interest() {
        return interest;
    }

    /** Up to where the lane had handed out when the group began. */
    long begun() {
        return begun;
    }

    long position() {
        return position;
    }

    /** Up to where the group, or its client before it began, has had ranges; what it reads of them comes again. */
    long sentTo() {
        return sentTo;
    }

    /** Goes on behind a range in which there was something for the group, or nothing. */
    void advance(long to, long envelopes) {
        position = to;
        refused = null;
        reckoning.add(envelopes);
        sentTo = Math.max(sentTo, to);
    }

    /** Whether the group is on the lane's list of those with something to catch up with. */
    boolean behind() {
        return behind;
    }

    void behind(boolean nowBehind) {
        this.behind = nowBehind;
    }

    /** Whether what comes next, at a position, is the next thing that the group is to get. */
    boolean standsAt(long at) {
        return position == at && (!behind || (gap() == null && returned.isEmpty() && (shares || upToDate())));
    }

    // ---- members -----------------------------------------------------------------------------------------------

    void join(Member member) {
        members.add(member);
        partition();
    }

    /** Takes a member out; what it had not confirmed comes back to the group. False if it is not in the group. */
    boolean leave(Member member) {
        int at = members.indexOf(member);
        if (at < 0) {
            return false;
        }
        members.remove(at);
        if (at < turn) {
            turn--;
        }
        if (member.gap() != null) {
            reckoning.owe(member.gap());
            member.gapTold();
        }
        if (alone) {
            goBack(member.takeBack());
        } else {
            for (Delivery delivery : member.takeBack()) {
                takeBack(delivery);
            }
            returned.addAll(member.takeParked());
        }
        partition();
        return true;
    }

    /** Gives each member its share, if there are several and one of them has a name for that. */
    private void partition() {
        int count = members.size();
        shares = count > 1
                && members.stream()
                        .anyMatch(member -> !member.deterministicName().isEmpty());
        if (shares) {
            members.sort(BY_NAME);
        }
        for (int i = 0; i < count; i++) {
            members.get(i).share(shares ? new Share(i, count) : Share.ALL);
        }
    }

    /** Whether every range is for all members, each getting its share of it. */
    boolean shares() {
        return shares;
    }

    /** Whether nothing waits for single members; always so where members do not get shares. */
    boolean upToDate() {
        if (waits) {
            waits = false;
            for (int i = 0; i < members.size(); i++) {
                waits |= !members.get(i).upToDate();
            }
        }
        return !waits;
    }

    /** Notes that something waits for a member. */
    void waits() {
        waits = true;
    }

    List<Member> members() {
        return members;
    }

    private void takeBack(Delivery delivery) {
        Delivery held = heldOnReturn(delivery);
        if (held != null) {
            returned.add(held);
        }
    }

    /** A reader in order does not get things back, it goes back itself. */
    private void goBack(ArrayDeque<Delivery> back) {
        long first = position;
        for (Delivery delivery : back) {
            Delivery held = heldOnReturn(delivery);
            if (held != null) {
                first = Math.min(first, held.from());
                reckoning.add(-held.envelopes());
            }
        }
        if (first < position) {
            position = first;
            refused = null;
        }
    }

    /** What can be sent again of something that came back unconfirmed, or null; notes what is lost. */
    private Delivery heldOnReturn(Delivery delivery) {
        if (delivery.gap() != null) {
            reckoning.owe(delivery.gap());
            ledger.retold.add(delivery.gap().count());
            return null;
        }
        Delivery held = delivery;
        if (delivery.from() < log.tail()) {
            held = null;
        } else if (gaveUp) {
            ledger.unconfirmed.add(delivery.envelopes());
            return null;
        } else if (delivery.from() < log.thinnedTo()) {
            held = counting.held(delivery, selection());
        }
        ledger.unconfirmed.add(lose(delivery, held, Gap.UNCONFIRMED));
        return held;
    }

    /** Notes what is lost of a range that is held no more, or in part; returns how many envelopes that is. */
    private long lose(Delivery range, Delivery held, String reason) {
        Gap lost = range.lost(held, reason);
        if (lost == null) {
            return 0;
        }
        reckoning.owe(lost);
        return lost.count();
    }

    /** The same of a range that came back; what had been sent may have arrived. Returns what is lost for the reason. */
    private long loseReturned(Delivery range, Delivery held, String reason) {
        boolean sent = range.sequence() > 0;
        long lost = lose(range, held, sent ? Gap.UNCONFIRMED : reason);
        if (sent) {
            ledger.unconfirmed.add(lost);
            return 0;
        }
        return lost;
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

    /** The member whose turn it is among those with room, else any; null if there is none. */
    Member nextOrAny(long bytes) {
        Member member = next(bytes);
        return member != null || members.isEmpty() ? member : members.get(0);
    }

    /** Whether some member can take so many bytes. */
    boolean takes(long bytes) {
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).takes(bytes)) {
                return true;
            }
        }
        return false;
    }

    /** How much the member with the widest open window may be sent. */
    long room() {
        long room = 0;
        for (int i = 0; i < members.size(); i++) {
            room = Math.max(room, members.get(i).room());
        }
        return room;
    }

    // ---- what comes back, what is lost -------------------------------------------------------------------------

    /** What the group is to be told it lost, or null. */
    Gap gap() {
        return reckoning.gap();
    }

    void gapTold() {
        reckoning.told();
    }

    /** Notes that nobody knows how much is lost, to be told as well to a client that comes back from before a position. */
    void unknownLoss(long before, String reason) {
        missesBefore = before;
        reckoning.owe(new Gap(0, 0, 0, reason));
    }

    /** Who comes back from before the group's start is to be told that something may be lost there. */
    void missesBeforeStart() {
        missesBefore = Math.max(missesBefore, start);
    }

    /** Ranges that came back, oldest first. */
    Queue<Delivery> returned() {
        return returned;
    }

    /**
     * Stands where a client that came back says it is, as far as the log allows, and counts anew what it has not; without
     * members only. A client that claims to have more than there was is told of no loss.
     *
     * @param resume at a border between batches, if it is in the log
     * @param anotherConnection whether it may not have heard what its last was told
     */
    void resume(Resume resume, boolean anotherConnection) {
        if (anotherConnection && resume.position() < missesBefore) {
            unknownLoss(missesBefore, Gap.LAPPED);
        }
        if (gap() == null && resume.count() == reckoning.counted()) {
            // Nothing of what there was is missing, and the way to it may be long.
            return;
        }
        long to = Math.max(resume.isPlace() ? resume.position() : start, log.tail());
        long again = to < position ? counting.between(to, position, selection()) : 0;
        long has = to > position ? counting.between(position, to, selection()) : 0;
        long lost = reckoning.resume(resume.count(), has - again);
        advance(to, 0);
        ledger.accepted.add(again + lost);
        ledger.delivered.add(has);
        ledger.lapped.add(lost);
    }

    /**
     * Counts what of this group goes when the log overwrites everything before {@code to}; {@link #losing} has been found.
     * Returns how much that is.
     */
    long trimming(long to, long lastMillis) {
        long lapped = 0;
        if (position < to) {
            long lost = interest == null ? counting.between(position, to, selection()) : losing.envelopes();
            if (lost > 0) {
                lapped = lost;
                reckoning.lose(new Gap(lost, log.arrivalAt(position), lastMillis, Gap.LAPPED));
            }
            position = to;
            refused = null;
        }
        for (int i = 0; i < members.size(); i++) {
            lapped += members.get(i).lose(to, Gap.LAPPED);
        }
        // A delivery lies within one segment, so it goes whole or not at all.
        while (!returned.isEmpty() && returned.peek().from() < to) {
            lapped += loseReturned(returned.poll(), null, Gap.LAPPED);
        }
        ledger.lapped.add(lapped);
        return lapped;
    }

    /** Whether it has yet to be sent something that lies before a position. */
    boolean awaitsBefore(long to) {
        if (position < to || (!returned.isEmpty() && returned.peek().from() < to)) {
            return true;
        }
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i).waitsBefore(to)) {
                return true;
            }
        }
        return false;
    }

    /** An envelope at a position, of which the group was to get so many, goes from the log. */
    void thinning(long at, long arrivalMillis, int times) {
        if (position <= at) {
            losing.add(times, arrivalMillis);
        }
    }

    /** Counts what of this group went when the log was thinned between two positions; returns how much that is. */
    long thinned(long from, long to) {
        long lost = losing.envelopes();
        if (lost > 0) {
            reckoning.lose(losing.gap(Gap.THINNED));
            losing.clear();
        }
        refused = null;
        for (int i = 0; i < members.size(); i++) {
            lost += members.get(i).thinned(from, to, counting);
        }
        List<Delivery> touched = new ArrayList<>();
        returned.removeIf(delivery -> delivery.from() >= from && delivery.from() < to && touched.add(delivery));
        for (Delivery delivery : touched) {
            Delivery held = counting.held(delivery, selection());
            lost += loseReturned(delivery, held, Gap.THINNED);
            if (held != null) {
                returned.add(held);
            }
        }
        ledger.thinned.add(lost);
        return lost;
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
            lost += lose(delivery, null, Gap.STOPPED);
        }
        returned.clear();
        for (Member member : members) {
            lost += member.lose(Long.MAX_VALUE, Gap.STOPPED);
        }
        while (log.read(position, head, Integer.MAX_VALUE, span)) {
            long wanted = counting.between(span.from(), span.to(), selection());
            if (wanted > 0) {
                lost += wanted;
                reckoning.lose(new Gap(wanted, span.firstMillis(), span.lastMillis(), Gap.STOPPED));
            }
            advance(span.to(), 0);
        }
        ledger.stopped.add(lost);
        return lost;
    }

    // ---- sums --------------------------------------------------------------------------------------------------

    /** Envelopes that are out at members. */
    long out() {
        long envelopes = 0;
        for (Member member : members) {
            envelopes += member.unconfirmed();
        }
        return envelopes;
    }

    /** Whether something has come back, waits for a member, or is to be told or read. */
    boolean hasWaiting(long head) {
        return gap() != null || pending(head) > 0;
    }

    /** Envelopes that are neither delivered nor dropped: out at members, come back, waiting for one, or not yet read. */
    long pending(long head) {
        long envelopes = counting.between(position, head, selection()) + out();
        for (Member member : members) {
            envelopes += member.waiting();
        }
        for (Delivery delivery : returned) {
            envelopes += delivery.envelopes();
        }
        return envelopes;
    }
}
