package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Log;
import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Selection;
import io.loggregator.stream.table.RecentCounts;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.List;

/** Counts, before the log overwrites or thins a part of itself, what each reader that has not read it loses. Owned by the lane. */
final class Trimming implements Log.TrimListener {
    private final Log log;
    private final Groups groups;
    private final Interests interests;
    private final List<Port> ports;
    private final AbsentTails absent;
    private final LaneCounters counters;
    private final RecentCounts sources;
    private final LagWatch lags;
    private final Runnable handOutHead;
    private final Span span = new Span();
    private final BatchCursor cursor = new BatchCursor(false);

    /** Those who go by classes and have something to lose by the thinning that is under way. */
    private final List<Group> byClass = new ArrayList<>();

    /**
     * @param lags told before readers lose something
     * @param handOutHead hands out what has not been offered to anybody yet, so that nobody is late because of that
     */
    Trimming(
            Log log,
            Groups groups,
            Interests interests,
            List<Port> ports,
            AbsentTails absent,
            LaneCounters counters,
            RecentCounts sources,
            LagWatch lags,
            Runnable handOutHead) {
        this.log = log;
        this.groups = groups;
        this.interests = interests;
        this.ports = ports;
        this.absent = absent;
        this.counters = counters;
        this.sources = sources;
        this.lags = lags;
        this.handOutHead = handOutHead;
    }

    @Override
    public void trimming(long from, long to, long lastMillis) {
        handOutHead.run();
        lags.look(to);
        if (!interests.isEmpty()) {
            interests.losing(log, to, span);
        }
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            Group group = all.get(i);
            long unconfirmed = group.ledger().unconfirmed();
            counters.lappedGroups.add(group.trimming(to, lastMillis));
            lost(group, unconfirmed);
        }
        for (int i = 0; i < allTails(); i++) {
            tails(i).trimming(log, to, cursor, span);
        }
    }

    @Override
    public boolean isAwaitedBefore(long position) {
        handOutHead.run();
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).awaitsBefore(position)) {
                return true;
            }
        }
        for (int i = 0; i < allTails(); i++) {
            if (tails(i).awaitBefore(position)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void thinningBegins(long to) {
        lags.look(to);
        byClass.clear();
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            Group group = all.get(i);
            group.losing.clear();
            if (group.interest() == null && group.awaitsBefore(to)) {
                byClass.add(group);
            }
        }
    }

    @Override
    public void thinning(long position, long arrivalMillis, BatchCursor envelope) {
        sources.count(envelope);
        int type = envelope.isV1Log() ? Selection.LOG_CLASS : Selection.METRIC_CLASS;
        for (int i = 0; i < byClass.size(); i++) {
            Group group = byClass.get(i);
            if ((group.selection().classes() & type) != 0) {
                group.thinning(position, arrivalMillis, 1);
            }
        }
        if (!interests.isEmpty()) {
            interests.thinning(envelope, position, arrivalMillis);
        }
        for (int i = 0; i < allTails(); i++) {
            tails(i).thinning(envelope, position, arrivalMillis);
        }
    }

    @Override
    public void thinned(long from, long to) {
        List<Group> all = groups.all();
        for (int i = 0; i < all.size(); i++) {
            Group group = all.get(i);
            long unconfirmed = group.ledger().unconfirmed();
            counters.thinnedGroups.add(group.thinned(from, to));
            lost(group, unconfirmed);
        }
    }

    private int allTails() {
        return ports.size() + absent.all().size();
    }

    /** Those of links, and after them those that wait for one. */
    private Tails tails(int i) {
        return i < ports.size() ? ports.get(i).tails() : absent.all().get(i - ports.size());
    }

    /** A group that has something to be told is to go on; what had been sent once is counted apart. */
    private void lost(Group group, long unconfirmedBefore) {
        counters.unconfirmed.add(group.ledger().unconfirmed() - unconfirmedBefore);
        if (group.gap() != null || !group.upToDate()) {
            groups.fallBehind(group);
        }
    }
}
