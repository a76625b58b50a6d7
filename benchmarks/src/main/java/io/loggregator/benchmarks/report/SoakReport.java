package io.loggregator.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loggregator.benchmarks.process.Pauses.Pause;
import io.loggregator.benchmarks.run.Cost;
import io.loggregator.benchmarks.run.Result;
import io.loggregator.benchmarks.run.Soak;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** How servers did over a long time: memory, pauses, latency, loss. */
public final class SoakReport {
    private static final double MICROS_PER_MILLI = 1_000;

    private final Machine machine;
    private final Soak soak;

    /** @param soak of one slice at least */
    public SoakReport(Machine machine, Soak soak) {
        this.machine = machine;
        this.soak = soak;
    }

    /** For a terminal. */
    public String text() {
        return paragraphs(Table::text, "");
    }

    /** For a page. */
    public String markdown() {
        return paragraphs(Table::markdown, "- ");
    }

    private String paragraphs(Function<Table, String> form, String bullet) {
        List<String> lines = new ArrayList<>(List.of(machine.line(), machine.origin()));
        lines.addAll(summary());
        StringBuilder head = new StringBuilder();
        lines.forEach(line -> head.append(bullet).append(line).append('\n'));
        return head + "\n" + form.apply(table());
    }

    private List<String> summary() {
        Histogram all = soak.latencies();
        return List.of(
                text(
                        "%.1f minutes at %.0f/s, one firehose: %,d sent, %,d lost",
                        sum(slice -> slice.result().sent().elapsedNanos()) / 60e9,
                        sum(slice -> slice.result().sent().rate())
                                / soak.slices().size(),
                        (long) sum(slice -> slice.result().sent().envelopes()),
                        soak.lost()),
                text(
                        "latency p50 %.2f, p99 %.2f, p99.9 %.2f, p99.99 %.2f, longest %.2f ms",
                        millis(all, 50), millis(all, 99), millis(all, 99.9), millis(all, 99.99), millis(all, 100)),
                memory("Doppler", slice -> slice.result().doppler()),
                memory("Traffic Controller", slice -> slice.result().trafficController()),
                pauses("Doppler", Soak.Slice::dopplerPauses),
                pauses("Traffic Controller", Soak.Slice::trafficControllerPauses));
    }

    private double sum(ToDoubleFunction<Soak.Slice> value) {
        return soak.slices().stream().mapToDouble(value).sum();
    }

    private String memory(String role, Function<Soak.Slice, Cost> cost) {
        List<Soak.Slice> slices = soak.slices();
        int half = slices.size() / 2;
        return text(
                "resident set of the %s: %.0f MiB after the first slice, %.0f after half of them, %.0f after the last",
                role,
                cost.apply(slices.get(0)).memory(),
                cost.apply(slices.get(Math.max(0, half - 1))).memory(),
                cost.apply(slices.get(slices.size() - 1)).memory());
    }

    private String pauses(String role, Function<Soak.Slice, List<Pause>> pauses) {
        int half = (soak.slices().size() + 1) / 2;
        return text(
                "collections of the %s: %d, %.0f ms in all; longest %.1f ms in the first half, %.1f ms in the second",
                role,
                soak.slices().stream()
                        .mapToInt(slice -> pauses.apply(slice).size())
                        .sum(),
                sum(slice -> total(pauses.apply(slice))),
                longestOf(soak.slices().subList(0, half), pauses),
                longestOf(soak.slices().subList(half, soak.slices().size()), pauses));
    }

    private static double longestOf(List<Soak.Slice> slices, Function<Soak.Slice, List<Pause>> pauses) {
        return slices.stream()
                .mapToDouble(slice -> longest(pauses.apply(slice)))
                .max()
                .orElse(0);
    }

    private static double longest(List<Pause> pauses) {
        return pauses.stream().mapToDouble(Pause::millis).max().orElse(0);
    }

    private static double total(List<Pause> pauses) {
        return pauses.stream().mapToDouble(Pause::millis).sum();
    }

    private Table table() {
        Table table = new Table(
                "up to s",
                "sent/s",
                "lost",
                "p50 ms",
                "p99",
                "p99.99",
                "D CPU s/M",
                "TC CPU s/M",
                "generator",
                "D MiB",
                "TC MiB",
                "D pauses",
                "longest ms",
                "TC pauses",
                "longest ms");
        for (Soak.Slice slice : soak.slices()) {
            Result result = slice.result();
            table.row(List.of(
                    text("%.0f", slice.endSecond()),
                    text("%.0f", result.sent().rate()),
                    Long.toString(result.outcome().lost()),
                    text("%.2f", millis(result.latencies(), 50)),
                    text("%.2f", millis(result.latencies(), 99)),
                    text("%.2f", millis(result.latencies(), 99.99)),
                    text("%.2f", result.perMillion(result.doppler().cpu().work())),
                    text(
                            "%.2f",
                            result.perMillion(result.trafficController().cpu().work())),
                    text("%.2f", result.perMillion(result.emitter().cpu().work())),
                    text("%.0f", result.doppler().memory()),
                    text("%.0f", result.trafficController().memory()),
                    Integer.toString(slice.dopplerPauses().size()),
                    text("%.1f", longest(slice.dopplerPauses())),
                    Integer.toString(slice.trafficControllerPauses().size()),
                    text("%.1f", longest(slice.trafficControllerPauses()))));
        }
        return table;
    }

    private static double millis(Histogram latencies, double percentile) {
        return latencies.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** All of it, with every pause. */
    public ObjectNode json() {
        ObjectNode node = new ObjectMapper().createObjectNode();
        Json.machine(node.putObject("machine"), machine);
        node.put("lost", soak.lost());
        ObjectNode millis = node.putObject("latencyMillis");
        for (double percentile : new double[] {50, 99, 99.9, 99.99, 100}) {
            millis.put("p" + percentile, millis(soak.latencies(), percentile));
        }
        ArrayNode slices = node.putArray("slices");
        for (Soak.Slice slice : soak.slices()) {
            ObjectNode one = slices.addObject().put("endSecond", slice.endSecond());
            Json.result(one.putObject("result"), slice.result());
            pauses(one.putArray("dopplerPauses"), slice.dopplerPauses());
            pauses(one.putArray("trafficControllerPauses"), slice.trafficControllerPauses());
        }
        return node;
    }

    private static void pauses(ArrayNode array, List<Pause> pauses) {
        for (Pause pause : pauses) {
            array.addObject()
                    .put("second", pause.second())
                    .put("what", pause.what())
                    .put("millis", pause.millis());
        }
    }
}
