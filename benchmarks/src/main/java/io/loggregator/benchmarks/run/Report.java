package io.loggregator.benchmarks.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loggregator.benchmarks.reader.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Results as a table for people and as JSON for programs. */
public final class Report {
    private static final List<String> HEADS = List.of(
            "scenario",
            "sent/s",
            "received/s",
            "lost",
            "dup",
            "disorder",
            "D work",
            "D jit",
            "TC work",
            "TC jit",
            "driver",
            "p50 ms",
            "p99",
            "p99.9",
            "D MiB",
            "TC MiB");
    private static final double P50 = 50;
    private static final double P99 = 99;
    private static final double P999 = 99.9;
    private static final double MICROS_PER_MILLI = 1_000;

    private Report() {}

    /** A table with one line for each result, and below it what a reader must know to believe it. */
    public static String table(List<Result> results) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEADS);
        results.forEach(result -> rows.add(row(result)));
        int[] widths = new int[HEADS.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                String pad = " ".repeat(widths[i] - row.get(i).length());
                text.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
            }
            text.append('\n');
        }
        text.append("\nwork, jit, driver: CPU seconds for a million envelopes sent; MiB: largest resident set\n");
        for (Result result : results) {
            notes(result)
                    .forEach(note -> text.append(result.scenario().name())
                            .append(": ")
                            .append(note)
                            .append('\n'));
        }
        return text.toString();
    }

    private static List<String> row(Result result) {
        Outcome outcome = result.outcome();
        Histogram latencies = result.latencies();
        return List.of(
                result.scenario().name(),
                String.format(Locale.ROOT, "%.0f", result.sent().rate()),
                String.format(Locale.ROOT, "%.0f", result.deliveryRate()),
                Long.toString(outcome.lost()),
                Long.toString(outcome.duplicates()),
                Long.toString(outcome.outOfOrder()),
                two(result.perMillion(result.doppler().cpu().work())),
                two(result.perMillion(result.doppler().cpu().compiler())),
                two(result.perMillion(result.trafficController().cpu().work())),
                two(result.perMillion(result.trafficController().cpu().compiler())),
                two(result.perMillion(result.driver().cpu().total())),
                two(millis(latencies, P50)),
                two(millis(latencies, P99)),
                two(millis(latencies, P999)),
                String.format(Locale.ROOT, "%.0f", result.doppler().peakMemory()),
                String.format(Locale.ROOT, "%.0f", result.trafficController().peakMemory()));
    }

    private static List<String> notes(Result result) {
        List<String> notes = new ArrayList<>();
        if (!result.keptUp()) {
            notes.add(String.format(
                    Locale.ROOT,
                    "the generator fell behind: %.0f/s instead of %s; held up by the Doppler for %.1f s",
                    result.sent().rate(),
                    result.scenario().rateText(),
                    result.sent().heldUpNanos() / 1e9));
        } else if (result.sent().worstLagNanos() > 50_000_000) {
            notes.add(String.format(
                    Locale.ROOT,
                    "a batch left %.0f ms late, which is in the latencies",
                    result.sent().worstLagNanos() / 1e6));
        }
        if (result.outcome().others() > 0) {
            notes.add(result.outcome().others() + " frames were nothing of the load (notices of loss)");
        }
        return notes;
    }

    private static double millis(Histogram latencies, double percentile) {
        return latencies.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
    }

    private static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** The same and more; times in seconds or as the names say. */
    public static ArrayNode json(List<Result> results) {
        ArrayNode all = new ObjectMapper().createArrayNode();
        for (Result result : results) {
            ObjectNode node = all.addObject();
            node.put("scenario", result.scenario().name())
                    .put("rate", result.scenario().rate())
                    .put("sources", result.scenario().sources())
                    .put("firehoses", result.scenario().firehoses())
                    .put("tails", result.scenario().tails())
                    .put("sent", result.sent().envelopes())
                    .put("sentPerSecond", result.sent().rate())
                    .put("keptUp", result.keptUp())
                    .put("heldUpSeconds", result.sent().heldUpNanos() / 1e9)
                    .put("worstLagMillis", result.sent().worstLagNanos() / 1e6)
                    .put("expected", result.outcome().expected())
                    .put("received", result.outcome().received())
                    .put("receivedPerSecond", result.deliveryRate())
                    .put("lost", result.outcome().lost())
                    .put("duplicates", result.outcome().duplicates())
                    .put("outOfOrder", result.outcome().outOfOrder())
                    .put("otherFrames", result.outcome().others());
            Histogram latencies = result.latencies();
            node.putObject("latencyMillis")
                    .put("p50", millis(latencies, P50))
                    .put("p99", millis(latencies, P99))
                    .put("p99.9", millis(latencies, P999))
                    .put("max", latencies.getMaxValue() / MICROS_PER_MILLI);
            cost(node.putObject("doppler"), result, result.doppler());
            cost(node.putObject("trafficController"), result, result.trafficController());
            cost(node.putObject("driver"), result, result.driver());
        }
        return all;
    }

    private static void cost(ObjectNode node, Result result, Cost cost) {
        node.put("cpuSeconds", cost.cpu().total())
                .put("compilerSeconds", cost.cpu().compiler())
                .put("collectorSeconds", cost.cpu().collector())
                .put("workSecondsPerMillion", result.perMillion(cost.cpu().work()))
                .put("memoryMiB", cost.memory())
                .put("peakMemoryMiB", cost.peakMemory());
    }
}
