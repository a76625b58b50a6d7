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
        nextLook = Lag.nextLook(log);
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            Group group = all.get(i);
            List<Member> members = group.members();
            long oldest = GroupLag.oldest(group);
            for (int m = 0; m < members.size(); m++) {
                Member member = members.get(m);
                look(member, Math.min(oldest, member.oldest()), goes);
            }
        }
    }

    private void look(Member member, long oldest, long goes) {
        if (member.lags()) {
            member.lags(!Lag.hasCaughtUp(log, oldest));
            return;
        }
        Lag lag = Lag.toTell(log, oldest, goes, now);
        if (lag != null) {
            member.lags(true);
            counters.lagNotices.add(member.port().outlet().lag(member.id(), lag) ? 1 : 0);
        }
    }
}
