package io.loggregator.cli.report;

import io.loggregator.cli.client.DiagnosticsClient.Answer;
import io.loggregator.cli.output.Table;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code /ledger} of Dopplers and Traffic Controllers says, as tables: the same subscription of all Dopplers is one row. */
public final class LedgerPage {
    private LedgerPage() {}

    /**
     * The page.
     *
     * @param answers those that came; of other servers than Dopplers and Traffic Controllers nothing is shown
     * @param limit the most rows of each table
     */
    public static Shown of(List<Answer> answers, int limit) {
        List<String> faults = new ArrayList<>();
        List<Answer> dopplers = of(answers, "doppler");
        List<Answer> controllers = of(answers, "traffic-controller");
        StringBuilder text = new StringBuilder();
        if (!dopplers.isEmpty()) {
            text.append(subscriptions(dopplers, limit, faults));
        }
        if (!controllers.isEmpty()) {
            text.append(text.isEmpty() ? "" : "\n").append(clients(controllers, limit));
        }
        return new Shown(text.toString(), faults);
    }

    private static List<Answer> of(List<Answer> answers, String server) {
        return answers.stream()
                .filter(answer ->
                        answer.json() != null && server.equals(answer.json().getString("server")))
                .toList();
    }

    private static String addresses(String one, String many, List<Answer> answers) {
        return (answers.size() == 1 ? one + " " : answers.size() + " " + many + ": ")
                + String.join(
                        ", ",
                        answers.stream()
                                .map(answer -> answer.address().hostAndPort())
                                .toList());
    }

    private static String subscriptions(List<Answer> dopplers, int limit, List<String> faults) {
        Map<String, SubscriptionSum> sums = new HashMap<>();
        long leftOut = 0;
        for (Answer doppler : dopplers) {
            Instant now = Instant.parse(doppler.json().getString("time"));
            leftOut = Math.max(leftOut, doppler.json().getLong("leftOut", 0L));
            for (Object each : doppler.json().getJsonArray("subscriptions", new JsonArray())) {
                JsonObject subscription = (JsonObject) each;
                String fault = sums.computeIfAbsent(
                                SubscriptionSum.name(subscription), first -> new SubscriptionSum(subscription))
                        .add(subscription, now);
                if (!fault.isEmpty()) {
                    faults.add(doppler.address().hostAndPort() + ": " + fault);
                }
            }
        }
        Table table = SubscriptionSum.table();
        sums.entrySet().stream()
                .sorted(Comparator.comparingDouble((Map.Entry<String, SubscriptionSum> sum) ->
                                -sum.getValue().behindSeconds())
                        .thenComparing(sum -> -sum.getValue().behindBytes())
                        .thenComparing(Map.Entry::getKey))
                .limit(limit)
                .forEach(sum -> sum.getValue().into(table));
        return addresses("Doppler", "Dopplers", dopplers) + "\n"
                + (sums.isEmpty() ? "nobody reads\n" : table.toString())
                + more(leftOut + Math.max(0, sums.size() - limit));
    }

    private static String clients(List<Answer> controllers, int limit) {
        Table table = new Table(
                "CLIENT", "FROM", ">CONNECTED", ">DELIVERED", ">TOLD LOST", ">WAITING", ">TOLD IT LAGS", "LAST LOSS");
        long leftOut = 0;
        List<Runnable> rows = new ArrayList<>();
        for (Answer controller : controllers) {
            Instant now = Instant.parse(controller.json().getString("time"));
            leftOut += controller.json().getLong("leftOut", 0L);
            for (Object each : controller.json().getJsonArray("clients", new JsonArray())) {
                rows.add(() -> row(table, (JsonObject) each, now));
            }
        }
        rows.stream().limit(limit).forEach(Runnable::run);
        return addresses("Traffic Controller", "Traffic Controllers", controllers) + "\n"
                + (rows.isEmpty() ? "no clients\n" : table.toString())
                + more(leftOut + Math.max(0, rows.size() - limit));
    }

    private static void row(Table table, JsonObject client, Instant now) {
        String id = client.getString("subscription", "");
        String app = client.getString("app", "");
        String whose = app.isEmpty() ? (id.isEmpty() ? "(no id)" : id) : app;
        String selection = client.getString("selection", "");
        double connected = Duration.between(Instant.parse(client.getString("connected")), now)
                        .toMillis()
                / 1e3;
        table.row(
                client.getString("endpoint", "") + " " + whose + (selection.isEmpty() ? "" : " " + selection),
                client.getString("remote", ""),
                Table.seconds(Math.max(0, connected)),
                Table.count(client.getLong("delivered", 0L)),
                Table.count(client.getLong("lost", 0L)),
                Table.bytes(client.getDouble("waitingBytes", 0.0)),
                lastLag(client, now),
                lastLoss(client, now));
    }

    private static String lastLag(JsonObject client, Instant now) {
        String last = client.getString("lastLagNotice");
        if (last == null) {
            return "-";
        }
        double ago = Duration.between(Instant.parse(last), now).toMillis() / 1e3;
        return Table.seconds(Math.max(0, ago)) + " ago";
    }

    private static String lastLoss(JsonObject client, Instant now) {
        ReportedLoss last = ReportedLoss.of(client, now);
        long unnumbered = client.getLong("unnumberedLosses", 0L);
        return (last == null ? "" : last.toString())
                + (unnumbered == 0 ? "" : "; " + Table.count(unnumbered) + " without a number");
    }

    private static String more(long leftOut) {
        return leftOut == 0 ? "" : String.format(Locale.ROOT, "... and %,d more%n", leftOut);
    }
}
