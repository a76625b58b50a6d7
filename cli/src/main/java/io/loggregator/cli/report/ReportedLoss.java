package io.loggregator.cli.report;

import io.loggregator.cli.output.Table;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/**
 * A server's {@code lastLoss}.
 *
 * @param count envelopes; 0 if nobody knows
 * @param secondsAgo when it was last added to
 */
record ReportedLoss(String reason, long count, double secondsAgo) {
    /**
     * That of a subscription or client, or null if it has none.
     *
     * @param now the time at the server
     */
    static ReportedLoss of(JsonObject reader, Instant now) {
        JsonObject loss = reader.getJsonObject("lastLoss");
        if (loss == null) {
            return null;
        }
        Duration ago = Duration.between(Instant.parse(loss.getString("to")), now);
        return new ReportedLoss(
                loss.getString("reason", ""), loss.getLong("count", 0L), Math.max(0, ago.toMillis() / 1e3));
    }

    /** As {@code 30 lapped 55.0 s ago}. */
    @Override
    public String toString() {
        return (count == 0 ? "" : Table.count(count) + " ") + reason + " " + Table.seconds(secondsAgo) + " ago";
    }
}
