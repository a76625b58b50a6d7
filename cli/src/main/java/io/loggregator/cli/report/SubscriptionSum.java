package io.loggregator.cli.report;

import io.loggregator.cli.output.Table;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The ledger of one subscription, over several Dopplers. */
final class SubscriptionSum {
    private final String name;
    private long clients;
    private long accepted;
    private long delivered;
    private long unconfirmed;
    private long pending;
    private final Map<String, Long> dropped = new TreeMap<>();
    private long behindBytes;
    private double behindSeconds;
    private boolean lags;
    private ReportedLoss lastLossOrNull;

    SubscriptionSum(JsonObject first) {
        this.name = name(first);
    }

    /** Who reads; equal for what is one subscription. */
    static String name(JsonObject subscription) {
        String id = subscription.getBoolean("alone", false) ? "(no id)" : subscription.getString("subscription", "");
        String refinement = subscription.getString("refinement", "");
        return subscription.getString("protocol", "") + " " + id + " "
                + subscription.getString("selection", "")
                + (refinement.isEmpty() ? "" : " " + refinement);
    }

    /**
     * Adds what one Doppler says.
     *
     * @param now the time there
     * @return what does not add up, in words; empty if it does
     */
    String add(JsonObject subscription, Instant now) {
        long allDropped = 0;
        for (Map.Entry<String, Object> drop : subscription.getJsonObject("dropped", new JsonObject())) {
            long count = ((Number) drop.getValue()).longValue();
            dropped.merge(drop.getKey(), count, Long::sum);
            allDropped += count;
        }
        // Whoever reads from one Doppler reads from all of them.
        clients = Math.max(clients, subscription.getLong("clients", 0L));
        long in = subscription.getLong("accepted", 0L);
        long out = subscription.getLong("delivered", 0L);
        long uncertain = subscription.getLong("unconfirmed", 0L);
        long waiting = subscription.getLong("pending", 0L);
        accepted += in;
        delivered += out;
        unconfirmed += uncertain;
        pending += waiting;
        behindBytes += subscription.getLong("behindBytes", 0L);
        behindSeconds = Math.max(behindSeconds, subscription.getDouble("behindSeconds", 0.0));
        lags |= subscription.getBoolean("lags", false);
        ReportedLoss loss = ReportedLoss.of(subscription, now);
        if (loss != null && (lastLossOrNull == null || loss.secondsAgo() < lastLossOrNull.secondsAgo())) {
            lastLossOrNull = loss;
        }
        long known = out + allDropped + uncertain + waiting;
        return known == in
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%s does not add up: %,d accepted, but %,d delivered, lost, uncertain and pending",
                        Table.fit(name),
                        in,
                        known);
    }

    double behindSeconds() {
        return behindSeconds;
    }

    long behindBytes() {
        return behindBytes;
    }

    static Table table() {
        return new Table(
                "READER",
                ">CLIENTS",
                ">BEHIND",
                ">BYTES",
                ">ACCEPTED",
                ">DELIVERED",
                ">PENDING",
                ">UNCERTAIN",
                ">LOST",
                "WHY, AND WHEN LAST");
    }

    void into(Table table) {
        List<String> why = new ArrayList<>();
        if (lags) {
            why.add("lags");
        }
        long lost = 0;
        for (Map.Entry<String, Long> drop : dropped.entrySet()) {
            lost += drop.getValue();
            if (drop.getValue() > 0) {
                why.add(drop.getKey() + " " + Table.count(drop.getValue()));
            }
        }
        String when = lastLossOrNull == null ? "" : (why.isEmpty() ? "" : "; ") + lastLossOrNull;
        table.row(
                name,
                Table.count(clients),
                behindBytes == 0 ? "-" : Table.seconds(behindSeconds),
                behindBytes == 0 ? "-" : Table.bytes((double) behindBytes),
                Table.count(accepted),
                Table.count(delivered),
                Table.count(pending),
                Table.count(unconfirmed),
                Table.count(lost),
                String.join(", ", why) + when);
    }
}
