package io.loggregator.cli.report;

import io.loggregator.cli.client.DiagnosticsClient.Answer;
import io.loggregator.cli.output.Table;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code /sources} of Dopplers says, as a table: the same source at all Dopplers is one row. */
public final class SourcesPage {
    private SourcesPage() {}

    /** Per second. */
    private record Rates(double envelopes, double lines, double bytes) {
        static final Rates NONE = new Rates(0, 0, 0);

        static Rates of(JsonObject json) {
            return new Rates(
                    json.getDouble("envelopesPerSecond", 0.0),
                    json.getDouble("linesPerSecond", 0.0),
                    json.getDouble("bytesPerSecond", 0.0));
        }

        Rates plus(Rates other) {
            return new Rates(envelopes + other.envelopes, lines + other.lines, bytes + other.bytes);
        }

        double by(String measure) {
            return switch (measure) {
                case "lines" -> lines;
                case "envelopes" -> envelopes;
                default -> bytes;
            };
        }
    }

    /**
     * The page.
     *
     * @param answers those that came
     * @param by what the loudest have most of: {@code bytes}, {@code lines} or {@code envelopes}
     * @param limit the most rows
     */
    public static Shown of(List<Answer> answers, String by, int limit) {
        Map<String, Rates> sources = new HashMap<>();
        Map<String, Long> thinned = new HashMap<>();
        Map<String, Long> limited = new HashMap<>();
        Rates total = Rates.NONE;
        double covered = Double.MAX_VALUE;
        int dopplers = 0;
        for (Answer answer : answers) {
            if (answer.json() == null) {
                continue;
            }
            dopplers++;
            total = total.plus(Rates.of(answer.json()));
            covered = Math.min(covered, answer.json().getDouble("coveredSeconds", 0.0));
            for (Object each : answer.json().getJsonArray("sources", new JsonArray())) {
                JsonObject source = (JsonObject) each;
                sources.merge(source.getString("source", ""), Rates.of(source), Rates::plus);
                thinned.merge(source.getString("source", ""), source.getLong("thinned", 0L), Long::sum);
                limited.merge(source.getString("source", ""), source.getLong("limited", 0L), Long::sum);
            }
        }
        if (dopplers == 0) {
            return new Shown("", List.of());
        }
        String title = String.format(
                Locale.ROOT,
                "%s envelopes, %s lines, %s a second at %s, in the last %s%n",
                Table.rate(total.envelopes()),
                Table.rate(total.lines()),
                Table.bytes(total.bytes()),
                dopplers == 1 ? "a Doppler" : dopplers + " Dopplers",
                Table.seconds(covered));
        return new Shown(
                title
                        + (sources.isEmpty()
                                ? ""
                                : table(sources, thinned, limited, total, by, limit)
                                        .toString()),
                List.of());
    }

    private static Table table(
            Map<String, Rates> sources,
            Map<String, Long> thinned,
            Map<String, Long> limited,
            Rates total,
            String by,
            int limit) {
        Table table = new Table("SOURCE", ">ENVELOPES/S", ">LINES/S", ">BYTES/S", ">SHARE", ">THINNED", ">LIMITED");
        double all = total.by(by);
        sources.entrySet().stream()
                .sorted(Comparator.comparingDouble((Map.Entry<String, Rates> source) ->
                                -source.getValue().by(by))
                        .thenComparing(Map.Entry::getKey))
                .limit(limit)
                .forEach(source -> {
                    Rates rates = source.getValue();
                    table.row(
                            source.getKey().isEmpty() ? "(none)" : source.getKey(),
                            Table.rate(rates.envelopes()),
                            Table.rate(rates.lines()),
                            Table.bytes(rates.bytes()),
                            String.format(Locale.ROOT, "%.1f%%", all == 0 ? 0 : 100 * rates.by(by) / all),
                            String.format(Locale.ROOT, "%,d", thinned.get(source.getKey())),
                            String.format(Locale.ROOT, "%,d", limited.get(source.getKey())));
                });
        return table;
    }
}
