package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Share;
import java.util.Collections;
import java.util.List;

/** Lets readers that do not stand at the head go on, as far as their links and windows allow. Owned by the lane. */
final class CatchUp {
    /** Spans one reader may catch up with in one turn, so that it cannot keep the event loop to itself. */
    private static final int SPANS_A_TURN = 16;

    /** What may be walked in one turn for groups that select by more than classes, all of them together. */
    private static final long WALKED_A_TURN = 8 << 20;

    private final Log log;
    private final Groups groups;
    private final Interests interests;
    private final HandOut handOut;
    private final SpanSender sender;
    private final List<Port> ports;
    private final LaneCounters counters;
    private final Span span = new Span();
    private long walked;
    /** By how many groups the list is turned next time. */
    private int turn = 1;

    CatchUp(
            Log log,
            Groups groups,
            Interests interests,
            HandOut handOut,
            SpanSender sender,
            List<Port> ports,
            LaneCounters counters) {
        this.log = log;
        this.groups = groups;
        this.interests = interests;
        this.handOut = handOut;
        this.sender = sender;
        this.ports = ports;
        this.counters = counters;
    }

    /**
     * Lets everybody go on.
     *
     * @param head up to where the lane has handed out
     * @return whether a reader could go on at once
     */
    boolean pump(long head) {
        boolean more = false;
        for (int i = 0; i < ports.size(); i++) {
            more |= tails(ports.get(i), head);
        }
        List<Group> behind = groups.behind();
        // Whoever comes first may take all that a link has room for, so it is somebody else each time.
        Collections.rotate(behind, turn);
        turn = 1;
        walked = 0;
        for (int i = behind.size() - 1; i >= 0; i--) {
            if (walked >= WALKED_A_TURN) {
                turn = behind.size() - 1 - i;
                return true;
            }
            Group group = behind.get(i);
            if (goOn(group, head)) {
                more = true;
            } else if (group.standsAt(head) && group.upToDate()) {
                group.behind(false);
                behind.remove(i);
            }
        }
        return more;
    }

    private boolean tails(Port port, long head) {
        Tails tails = port.tails();
        if (!tails.started()) {
            return false;
        }
        if (!tails.wantsAnything()) {
            tails.position(head);
            return false;
        }
        if (!tails.tellGaps()) {
            return false;
        }
        for (int i = 0; i < SPANS_A_TURN; i++) {
            if (tails.position() >= head || !port.outlet().writable()) {
                return false;
            }
            log.read(tails.position(), head, Lane.SPAN_BYTES, span);
            tails.position(span.to());
            if (span.length() > 0) {
                port.servesTails = true;
                send(List.of(port));
            }
        }
        return true;
    }

    /**
     * Lets a group go on; returns whether it could go on further at once. What it lost is told with the range that comes
     * next: a member that has room for a word of a gap, and for nothing else, would be told of each segment that goes.
     */
    private boolean goOn(Group group, long head) {
        boolean apart = group.shares() || !group.upToDate();
        if (apart && !tellGap(group, 0)) {
            return false;
        }
        serveWaiting(group);
        for (int i = 0; i < SPANS_A_TURN; i++) {
            boolean done;
            if (!group.returned().isEmpty()) {
                done = returned(group);
            } else if (group.position() < head) {
                done = next(group, head);
            } else {
                tellGap(group, 0);
                return false;
            }
            if (!done || walked >= WALKED_A_TURN) {
                return done;
            }
        }
        return true;
    }

    /**
     * Tells a group what it lost, if there is something.
     *
     * @param next size of what follows
     * @return false if no member has room for both
     */
    private static boolean tellGap(Group group, long next) {
        if (group.gap() == null) {
            return true;
        }
        Member member = group.next(Delivery.GAP_BYTES + next);
        if (member == null) {
            return false;
        }
        tellGap(group, member);
        return true;
    }

    private boolean returned(Group group) {
        Delivery back = group.returned().peek();
        if (!tellGap(group, back.bytes())) {
            return false;
        }
        Member member = group.next(back.bytes());
        if (member == null) {
            return false;
        }
        group.returned().poll();
        if (back.sequence() > 0) {
            group.ledger().redelivered.add(back.envelopes());
            counters.redelivered.add(back.envelopes());
        }
        give(member, back);
        return true;
    }

    /** What waits for single members comes before what is new to them. */
    private void serveWaiting(Group group) {
        List<Member> members = group.members();
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            Delivery range = member.parked();
            if (member.gap() != null && member.takes(Delivery.GAP_BYTES + (range == null ? 0 : range.bytes()))) {
                tellOwnGap(member);
            }
            while (range != null && member.gap() == null && member.takes(range.bytes())) {
                member.unpark();
                give(member, range);
                range = member.parked();
            }
        }
    }

    private void give(Member member, Delivery range) {
        log.read(range.from(), range.to(), Integer.MAX_VALUE, span);
        walk(member.group());
        member.port().give(member, range);
        send(List.of(member.port()));
    }

    /** The next range of the log; false if no member has room for it. */
    private boolean next(Group group, long head) {
        if (!group.takes(1)) {
            return false;
        }
        Interest interest = group.interest();
        Delivery refused = group.refused;
        if (refused != null && !group.shares() && !group.takes(refused.bytes())) {
            return false;
        }
        long limit = group.position() < group.sentTo() ? Math.min(group.sentTo(), head) : head;
        int most = interest == null ? (int) Math.min(Lane.SPAN_BYTES, group.room()) : Lane.SPAN_BYTES;
        log.read(group.position(), limit, most, span);
        walk(group);
        int wanted = interest == null ? Counting.in(span, group.selection().classes()) : interest.count;
        long size = interest == null ? span.length() : interest.bytes;
        boolean given = (wanted == 0 || tellGap(group, size)) && handOut.give(group, span, wanted, size);
        if (given) {
            send(ports);
        } else {
            group.refused = Delivery.of(span, wanted, size, Share.ALL);
        }
        return given;
    }

    private void walk(Group group) {
        if (group.interest() != null) {
            interests.walk(span, group.interest());
            walked += span.length();
        }
    }

    static void tellGap(Group group, Member member) {
        Delivery told = Delivery.of(group.gap(), group.position());
        group.gapTold();
        tell(member, told);
    }

    /** Tells a member what was lost of its share only. */
    static void tellOwnGap(Member member) {
        Delivery told = Delivery.of(member.gap(), member.group().position());
        member.gapTold();
        tell(member, told);
    }

    private static void tell(Member member, Delivery told) {
        long sequence = member.sending(told);
        member.port()
                .outlet()
                .gap(member.id(), sequence, told.gap(), member.group().position());
    }

    private void send(List<Port> to) {
        long before = counters.linkBytes();
        sender.send(span, to);
        counters.catchUpBytes.add(counters.linkBytes() - before);
    }
}
