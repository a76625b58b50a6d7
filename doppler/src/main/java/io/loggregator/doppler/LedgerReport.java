package io.loggregator.doppler;

import io.loggregator.doppler.egress.Subscription;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.node.InvalidQuery;
import io.loggregator.node.Report;
import io.loggregator.node.ReportQuery;
import io.loggregator.stream.SteadyClock;
import io.loggregator.stream.dispatch.GroupKey;
import io.loggregator.stream.dispatch.GroupLedger;
import io.loggregator.stream.dispatch.GroupStanding;
import io.loggregator.stream.selection.Selection;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code GET /ledger} of a Doppler's diagnostics port: for every subscription what was accepted for it and what became of
 * that, in envelopes and summed over lanes, the one that is furthest behind first.
 *
 * <pre>{@code
 * {"server": "doppler", "time": "2026-01-02T03:04:05.678Z", "lanes": 2, "leftOut": 0, "subscriptions": [{
 *    "protocol": "v1", "subscription": "my-nozzle", "selection": "ALL", "refinement": "", "alone": false,
 *    "groups": 1, "clients": 2,
 *    "accepted": 1200, "delivered": 1000, "dropped": {"lapped": 30, "thinned": 20, "stopped": 0, "abandoned": 0},
 *    "unconfirmed": 20, "pending": 130, "pendingCounted": true, "redelivered": 7, "retold": 5, "behindBytes": 34567,
 *    "lags": false, "behindSeconds": 1.5,
 *    "lastLoss": {"reason": "lapped", "count": 30, "from": "…", "to": "…"}}]}
 * }</pre>
 *
 * <p>{@code accepted = delivered + all of dropped + unconfirmed + pending}. Where {@code pendingCounted} is false, counting
 * would have meant to walk much of the log, and {@code pending} is what the rest leaves over. {@code alone}: clients without
 * an id, all with the same selection together; those that have gone are in entries with the selection {@code gone}. Of
 * groups that clients share, those forgotten last are told with the others of the same key, or have no {@code groups}.
 * {@code behindBytes} are bytes of the log, of all sources, from the oldest batch that was not handed out or came back.
 * {@code lags}: some client is so far behind that it was told, and has not caught up. {@code lastLoss} is missing where
 * nothing was lost. {@code limit=N} (1 to 10,000, 1,000 unless given): the most subscriptions that are told; {@code leftOut}
 * says how many are not.
 */
final class LedgerReport implements Report {
    private static final int USUAL_LIMIT = 1_000;
    private static final int LARGEST_LIMIT = 10_000;

    private final Vertx vertx;
    private final List<DopplerLane> lanes;

    LedgerReport(Vertx vertx, List<DopplerLane> lanes) {
        this.vertx = vertx;
        this.lanes = lanes;
    }

    /**
     * Whose account it is.
     *
     * @param subscription empty of clients that are alone
     * @param selection null of clients that have gone
     */
    private record Holder(String protocol, String subscription, Selection selection, String refinement, boolean alone) {
        static Holder of(GroupKey key, GroupLedger ledger) {
            boolean alone = ledger.alone();
            // The id of who shares with nobody is a secret of whoever may go on from there.
            String subscription = alone ? "" : Subscription.nameOf(key);
            return new Holder(key.protocol(), subscription, key.selection(), key.refinement(), alone);
        }

        JsonObject toJson() {
            return new JsonObject()
                    .put("protocol", protocol)
                    .put("subscription", subscription)
                    .put("selection", selection == null ? "gone" : selection.toString())
                    .put("refinement", refinement)
                    .put("alone", alone);
        }
    }

    @Override
    public Future<JsonObject> on(ReportQuery query) throws InvalidQuery {
        int limit = query.number("limit", USUAL_LIMIT, 1, LARGEST_LIMIT);
        return LaneQuestions.ask(lanes, LedgerReport::accounts)
                .compose(accounts -> vertx.executeBlocking(() -> json(accounts, limit), false));
    }

    /** On the lane's event loop. */
    private static Map<Holder, Account> accounts(DopplerLane lane) {
        Map<Holder, Account> accounts = new LinkedHashMap<>();
        for (GroupStanding standing : lane.lane().standings()) {
            accounts.computeIfAbsent(Holder.of(standing.key(), standing.ledger()), first -> new Account())
                    .add(standing);
        }
        lane.lane().ledgers().forEach((key, ledger) -> {
            if (ledger.forgotten()) {
                accounts.computeIfAbsent(Holder.of(key, ledger), first -> new Account())
                        .add(ledger);
            }
        });
        lane.lane()
                .gone()
                .forEach((protocol, ledger) -> accounts.computeIfAbsent(
                                new Holder(protocol, "", null, "", true), first -> new Account())
                        .add(ledger));
        return accounts;
    }

    private static JsonObject json(List<Map<Holder, Account>> ofLanes, int limit) {
        Map<Holder, Account> sums = new LinkedHashMap<>();
        ofLanes.forEach(accounts -> accounts.forEach((holder, account) ->
                sums.computeIfAbsent(holder, first -> new Account()).addLane(account)));
        long now = SteadyClock.millis();
        JsonArray subscriptions = new JsonArray();
        sums.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<Holder, Account> entry) ->
                                entry.getValue().behindBytes())
                        .reversed()
                        .thenComparing(entry -> entry.getKey().protocol())
                        .thenComparing(entry -> entry.getKey().subscription()))
                .limit(limit)
                .forEach(entry ->
                        subscriptions.add(entry.getValue().into(entry.getKey().toJson(), now)));
        return new JsonObject()
                .put("server", "doppler")
                .put("time", Instant.now().toString())
                .put("lanes", ofLanes.size())
                .put("leftOut", Math.max(0, sums.size() - limit))
                .put("subscriptions", subscriptions);
    }
}
