package io.loggregator.doppler;

import io.loggregator.stream.LastLoss;
import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.dispatch.GroupLedger;
import io.loggregator.stream.dispatch.GroupStanding;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What became of the envelopes of one subscription, or of all clients' own ones that are alike: a sum over groups and lanes. */
final class Account {
    private record Drop(String reason, ToLongFunction<GroupLedger> count) {}

    private static final List<Drop> DROPS = List.of(
            new Drop(Gap.LAPPED, GroupLedger::lapped),
            new Drop(Gap.THINNED, GroupLedger::thinned),
            new Drop(Gap.STOPPED, GroupLedger::stopped),
            new Drop(Gap.ABANDONED, GroupLedger::abandoned));

    private long groups;
    private long clients;
    private long accepted;
    private long delivered;
    private final Map<String, Long> dropped = new LinkedHashMap<>();
    private long unconfirmed;
    private long redelivered;
    private long retold;
    private long pending;
    private boolean pendingCounted = true;
    private long behindBytes;
    private boolean lags;
    private long oldestMillis;
    private LastLoss lastLoss;

    Account() {
        DROPS.forEach(drop -> dropped.put(drop.reason(), 0L));
    }

    /** Adds a group of a lane. */
    void add(GroupStanding standing) {
        add(standing.ledger());
        groups++;
        clients += standing.members();
        pending += standing.pending();
        pendingCounted &= standing.pendingCounted();
        behindBytes += standing.behindBytes();
        lags |= standing.lags();
        oldestMillis = older(oldestMillis, standing.oldestMillis());
    }

    /** Adds what groups had counted that are no more. */
    void add(GroupLedger ledger) {
        accepted += ledger.accepted();
        delivered += ledger.delivered();
        DROPS.forEach(drop -> dropped.merge(drop.reason(), drop.count().applyAsLong(ledger), Long::sum));
        unconfirmed += ledger.unconfirmed();
        redelivered += ledger.redelivered();
        retold += ledger.retold();
        lastLoss = LastLoss.later(lastLoss, ledger.lastLoss());
    }

    /** Adds what another lane says of the same: its groups and clients are the same ones. */
    void addLane(Account other) {
        groups = Math.max(groups, other.groups);
        clients = Math.max(clients, other.clients);
        accepted += other.accepted;
        delivered += other.delivered;
        other.dropped.forEach((reason, count) -> dropped.merge(reason, count, Long::sum));
        unconfirmed += other.unconfirmed;
        redelivered += other.redelivered;
        retold += other.retold;
        pending += other.pending;
        pendingCounted &= other.pendingCounted;
        behindBytes += other.behindBytes;
        lags |= other.lags;
        oldestMillis = older(oldestMillis, other.oldestMillis);
        lastLoss = LastLoss.later(lastLoss, other.lastLoss);
    }

    private static long older(long a, long b) {
        return a == 0 || b == 0 ? Math.max(a, b) : Math.min(a, b);
    }

    long behindBytes() {
        return behindBytes;
    }

    /** Adds the figures to what tells whose they are. */
    JsonObject into(JsonObject json, long nowMillis) {
        JsonObject drops = new JsonObject();
        dropped.forEach(drops::put);
        json.put("groups", groups)
                .put("clients", clients)
                .put("accepted", accepted)
                .put("delivered", delivered)
                .put("dropped", drops)
                .put("unconfirmed", unconfirmed)
                .put("pending", pending)
                .put("pendingCounted", pendingCounted)
                .put("redelivered", redelivered)
                .put("retold", retold)
                .put("behindBytes", behindBytes)
                .put("lags", lags)
                .put("behindSeconds", oldestMillis == 0 ? 0.0 : Math.max(0, nowMillis - oldestMillis) / 1e3);
        if (lastLoss != null) {
            json.put(
                    "lastLoss",
                    new JsonObject()
                            .put("reason", lastLoss.reason())
                            .put("count", lastLoss.count())
                            .put("from", lastLoss.from().toString())
                            .put("to", lastLoss.to().toString()));
        }
        return json;
    }
}
