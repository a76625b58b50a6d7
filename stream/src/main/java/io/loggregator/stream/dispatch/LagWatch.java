package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import java.util.List;

/**
 * Tells members that they lag, before they lose anything by it: when their group, or what waits for them alone, is behind by
 * half of what the log keeps whole, and in any case before the log gives something up that they have yet to get. Once, until
 * they have caught up. Owned by the lane.
 */
final class LagWatch {
    private final Log log;
    private final Groups groups;
    private final LaneCounters counters;
    private long nextLook;
    /** When the newest batch arrived. */
    private long now;

    LagWatch(Log log, Groups groups, LaneCounters counters) {
        this.log = log;
        this.groups = groups;
        this.counters = counters;
    }

    /** A batch arrived. */
    void at(long nowMillis) {
        now = nowMillis;
    }

    /** Looks at the members, if much has come since that was done last; all that has come has been handed out. */
    void lookIfDue() {
        if (log.head() >= nextLook) {
            look(0);
        }
    }

    /**
     * Looks at the members.
     *
     * @param goes up to where the log is about to give something up
     */
    void look(long goes) {
        long reach = log.reach();
        nextLook = log.head() + Lag.nextLook(reach);
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            Group group = all.get(i);
            List<Member> members = group.members();
            long oldest = GroupLag.oldest(group);
            for (int m = 0; m < members.size(); m++) {
                look(members.get(m), oldest, goes, reach);
            }
        }
    }

    private void look(Member member, long oldestOfGroup, long goes, long reach) {
        long oldest = Math.min(oldestOfGroup, member.oldest());
        long behind = log.head() - oldest;
        if (member.lags()) {
            member.lags(!Lag.hasCaughtUp(behind, reach));
        } else if (behind > 0 && (oldest < goes || Lag.isLate(behind, reach))) {
            member.lags(true);
            Lag lag = new Lag(Math.max(0, now - log.arrivalAt(oldest)), behind, reach);
            counters.lagNotices.add(member.port().outlet().lag(member.id(), lag) ? 1 : 0);
        }
    }
}
