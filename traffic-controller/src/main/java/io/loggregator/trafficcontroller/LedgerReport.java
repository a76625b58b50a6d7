package io.loggregator.trafficcontroller;

import io.loggregator.node.InvalidQuery;
import io.loggregator.node.Report;
import io.loggregator.node.ReportQuery;
import io.loggregator.trafficcontroller.fanout.ClientStanding;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * {@code GET /ledger} of a Traffic Controller's diagnostics port: its clients, the one with most waiting first.
 *
 * <pre>{@code
 * {"server": "traffic-controller", "time": "2026-01-02T03:04:05.678Z", "leftOut": 0, "clients": [{
 *    "endpoint": "firehose", "subscription": "my-nozzle", "app": "", "selection": "ALL", "remote": "10.0.0.1:4711",
 *    "connected": "2026-01-02T03:00:00Z", "delivered": 1000, "lost": 50, "unnumberedLosses": 1,
 *    "lastLoss": {"reason": "doppler_lost", "count": 0, "from": "…", "to": "…"}, "lagNotices": 1, "lastLagNotice": "…",
 *    "waitingBytes": 4096}]}
 * }</pre>
 *
 * <p>{@code endpoint}: {@code firehose}, {@code stream} (of an app), {@code stream.v2}, {@code rlp} or {@code gateway}.
 * {@code delivered} are envelopes written to the client, whether or not it has confirmed them. {@code lost} is what the
 * client was told it lost, and {@code unnumberedLosses} how often it was told of a loss of which nobody knows how much it
 * is. {@code lastLoss} is the last that it was told of, with a {@code count} of 0 if nobody knows, and when that was; it is
 * missing where there was none. {@code lagNotices} is how often it was told that it lags, {@code lastLagNotice} when that was
 * last, and missing where it never was. {@code limit=N} (1 to 10,000, 1,000 unless given): the most
 * clients that are told; {@code leftOut} says how many are not.
 */
final class LedgerReport implements Report {
    private static final int USUAL_LIMIT = 1_000;
    private static final int LARGEST_LIMIT = 10_000;

    private final Vertx vertx;
    private final List<LoopClients> loops;

    LedgerReport(Vertx vertx, List<LoopClients> loops) {
        this.vertx = vertx;
        this.loops = loops;
    }

    @Override
    public Future<JsonObject> on(ReportQuery query) throws InvalidQuery {
        int limit = query.number("limit", USUAL_LIMIT, 1, LARGEST_LIMIT);
        List<Future<List<ClientStanding>>> answers =
                loops.stream().map(LoopClients::ask).toList();
        return Future.all(answers)
                .compose(all -> vertx.executeBlocking(
                        () -> json(
                                answers.stream()
                                        .flatMap(answer -> answer.result().stream())
                                        .toList(),
                                limit),
                        false));
    }

    private static JsonObject json(List<ClientStanding> clients, int limit) {
        JsonArray told = new JsonArray();
        clients.stream()
                .sorted(Comparator.comparingLong(ClientStanding::waitingBytes)
                        .reversed()
                        .thenComparing(ClientStanding::endpoint)
                        .thenComparing(ClientStanding::subscription)
                        .thenComparing(ClientStanding::app))
                .limit(limit)
                .forEach(client -> told.add(json(client)));
        return new JsonObject()
                .put("server", "traffic-controller")
                .put("time", Instant.ofEpochMilli(System.currentTimeMillis()).toString())
                .put("leftOut", Math.max(0, clients.size() - limit))
                .put("clients", told);
    }

    private static JsonObject json(ClientStanding client) {
        JsonObject json = new JsonObject()
                .put("endpoint", client.endpoint())
                .put("subscription", client.subscription())
                .put("app", client.app())
                .put("selection", client.selection())
                .put("remote", client.remote())
                .put("connected", Instant.ofEpochMilli(client.connectedMillis()).toString())
                .put("delivered", client.delivered())
                .put("lost", client.lost())
                .put("unnumberedLosses", client.unnumberedLosses())
                .put("lagNotices", client.lagNotices())
                .put("waitingBytes", client.waitingBytes());
        client.lastLagMillis()
                .ifPresent(millis ->
                        json.put("lastLagNotice", Instant.ofEpochMilli(millis).toString()));
        client.lastLoss()
                .ifPresent(last -> json.put(
                        "lastLoss",
                        new JsonObject()
                                .put("reason", last.reason())
                                .put("count", last.count())
                                .put("from", last.from().toString())
                                .put("to", last.to().toString())));
        return json;
    }
}
