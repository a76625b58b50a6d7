package io.loggregator.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.loggregator.benchmarks.run.Cost;
import io.loggregator.benchmarks.run.Growth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** How cost grows: as tables, as a drawing, and for programs. */
public final class GrowthReport {
    private final Machine machine;
    private final List<Growth> all;

    public GrowthReport(Machine machine, List<Growth> all) {
        this.machine = machine;
        this.all = List.copyOf(all);
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
        List<String> paragraphs = new ArrayList<>();
        paragraphs.add(bullet + machine.line() + "\n" + bullet + machine.origin() + "\n");
        for (Growth growth : all) {
            paragraphs.add(form.apply(table(growth)));
        }
        StringBuilder verdicts = new StringBuilder();
        for (Growth growth : all) {
            verdicts.append(bullet)
                    .append(growth.name())
                    .append(": ")
                    .append(verdict(growth))
                    .append('\n');
            growth.points().stream()
                    .filter(point -> point.result().outcome().lost() > 0
                            || !point.result().keptUp())
                    .forEach(point -> verdicts.append(bullet)
                            .append(growth.name() + " " + point.amount() + ": "
                                    + point.result().outcome().lost() + " lost, "
                                    + Math.round(point.result().sent().rate()) + "/s sent\n"));
        }
        paragraphs.add(verdicts.toString());
        return String.join("\n", paragraphs);
    }

    private static String verdict(Growth growth) {
        List<Integer> bends = growth.bendsUpwardAt();
        return bends.isEmpty() ? "does not bend upward" : "bends upward at " + bends;
    }

    private static Table table(Growth growth) {
        Table table = new Table(
                growth.of(),
                "D CPU s/M sent",
                "TC",
                "both",
                "both a M delivered",
                "generator",
                "p99 ms",
                "D MiB",
                "TC MiB");
        for (Growth.Point point : growth.points()) {
            table.row(List.of(
                    String.format(Locale.ROOT, "%,d", point.amount()),
                    two(doppler(point)),
                    two(trafficController(point)),
                    two(point.perSent()),
                    two(point.perDelivered()),
                    two(generator(point)),
                    two(point.result().latencies().getValueAtPercentile(99) / 1_000.0),
                    whole(point.result().doppler().peakMemory()),
                    whole(point.result().trafficController().peakMemory())));
        }
        return table;
    }

    private static double doppler(Growth.Point point) {
        return work(point, point.result().doppler());
    }

    private static double trafficController(Growth.Point point) {
        return work(point, point.result().trafficController());
    }

    private static double generator(Growth.Point point) {
        return work(point, point.result().emitter());
    }

    private static double work(Growth.Point point, Cost cost) {
        return point.result().perMillion(cost.cpu().work());
    }

    private static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    /** One panel for each question: CPU seconds for a million envelopes. */
    public String svg() {
        Chart chart = new Chart(
                List.of("Doppler, CPU s/M sent", "Traffic Controller", "both, a million delivered", "generator"));
        for (Growth growth : all) {
            double[] amounts =
                    growth.points().stream().mapToDouble(Growth.Point::amount).toArray();
            chart.panel(
                    growth.of(),
                    amounts,
                    List.of(
                            curve(growth, GrowthReport::doppler),
                            curve(growth, GrowthReport::trafficController),
                            curve(growth, Growth.Point::perDelivered),
                            curve(growth, GrowthReport::generator)));
        }
        return chart.svg();
    }

    /** Nothing is 0 on a logarithmic axis; a tick of the kernel's clock in a million is below all there is. */
    private static double[] curve(Growth growth, ToDoubleFunction<Growth.Point> cost) {
        return growth.points().stream()
                .mapToDouble(point -> Math.max(0.01, cost.applyAsDouble(point)))
                .toArray();
    }

    /** All of it. */
    public ObjectNode json() {
        ObjectNode node = new ObjectMapper().createObjectNode();
        Json.machine(node.putObject("machine"), machine);
        ArrayNode questions = node.putArray("questions");
        for (Growth growth : all) {
            ObjectNode question =
                    questions.addObject().put("name", growth.name()).put("of", growth.of());
            ArrayNode bends = question.putArray("bendsUpwardAt");
            growth.bendsUpwardAt().forEach(bends::add);
            ArrayNode points = question.putArray("points");
            for (Growth.Point point : growth.points()) {
                ObjectNode one = points.addObject()
                        .put("amount", point.amount())
                        .put("bothSecondsPerMillionSent", point.perSent())
                        .put("bothSecondsPerMillionDelivered", point.perDelivered());
                Json.result(one.putObject("result"), point.result());
            }
        }
        return node;
    }
}
