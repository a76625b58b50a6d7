package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Share;
import io.loggregator.wire.BatchCursor;
import java.util.Arrays;
import java.util.List;

/** Decides which members of a group get a range: one of them all, or all of them their shares. Owned by the lane. */
final class HandOut {
    private final Log log;
    private final LaneCounters counters;
    private final BatchCursor cursor = new BatchCursor(false);
    private final Span probe = new Span();
    private long[] envelopes = new long[4];
    private long[] bytes = new long[4];

    HandOut(Log log, LaneCounters counters) {
        this.log = log;
        this.counters = counters;
    }

    /**
     * Gives the span, which the group stands before, to members that have room, and goes on behind it; what has been given
     * is to be sent to the members' links.
     *
     * @param wanted how many envelopes of it are for the group
     * @param size what that counts against windows
     * @return false, nothing done, if there is something for the group and no member takes it
     */
    boolean give(Group group, Span span, long wanted, long size) {
        boolean again = span.from() < group.sentTo();
        if (group.shares()) {
            if (wanted > 0 && !group.takes(1)) {
                return false;
            }
            part(group, span, wanted);
        } else if (wanted > 0) {
            Member member = group.next(size);
            if (member == null) {
                return false;
            }
            member.port().give(member, Delivery.of(span, wanted, size, Share.ALL));
        }
        if (again) {
            group.ledger().redelivered.add(wanted);
            counters.redelivered.add(wanted);
        }
        group.advance(span.to(), wanted);
        return true;
    }

    private void part(Group group, Span span, long wanted) {
        List<Member> members = group.members();
        int count = members.size();
        if (envelopes.length < count) {
            envelopes = new long[count * 2];
            bytes = new long[count * 2];
        }
        Arrays.fill(envelopes, 0, count, 0);
        Arrays.fill(bytes, 0, count, 0);
        if (wanted > 0) {
            count(group, span, count);
        }
        for (int i = 0; i < count; i++) {
            Member member = members.get(i);
            Delivery range = Delivery.of(span, envelopes[i], bytes[i], member.share());
            if (!member.upToDate() || (envelopes[i] > 0 && !member.takes(bytes[i]))) {
                member.park(range, log, probe);
            } else if (envelopes[i] > 0) {
                member.port().give(member, range);
            }
        }
    }

    private void count(Group group, Span span, int count) {
        cursor.over(span.bytes(), span.start(), span.end());
        while (cursor.next()) {
            int times = group.selection().matches(cursor);
            if (times > 0) {
                int share = Share.indexOf(cursor, count);
                envelopes[share] += times;
                bytes[share] += cursor.envelopeEnd() - cursor.recordStart();
            }
        }
    }
}
