package io.loggregator.benchmarks.report;

import io.loggregator.benchmarks.run.Attempt;
import io.loggregator.benchmarks.run.Cost;
import io.loggregator.benchmarks.run.Findings;
import io.loggregator.benchmarks.run.Idle;
import io.loggregator.benchmarks.run.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a run has found, for people. */
public final class Report {
    private static final String NONE = "–";
    /** The scenario that has as many sockets as are measured alone. */
    private static final String TAILS = "10k-1000-tails";

    private static final long LATE_NANOS = 50_000_000;

    private final Machine machine;
    private final Findings findings;

    public Report(Machine machine, Findings findings) {
        this.machine = machine;
        this.findings = findings;
    }

    /** For a terminal. */
    public String text() {
        return paragraphs(Table::text, "");
    }

    /** For a page: the same in Markdown. */
    public String markdown() {
        return paragraphs(Table::markdown, "- ");
    }

    private String paragraphs(Function<Table, String> form, String bullet) {
        List<String> all = new ArrayList<>();
        all.add(lines(machine(), bullet));
        for (Table table : List.of(aims(), results(), costs(), sinks(), sockets(), datagrams(), idles())) {
            if (!table.isEmpty()) {
                all.add(form.apply(table));
            }
        }
        List<String> notes = notes();
        if (!notes.isEmpty()) {
            all.add(lines(notes, bullet));
        }
        return String.join("\n", all);
    }

    private static String lines(List<String> lines, String bullet) {
        return lines.stream().map(line -> bullet + line + "\n").collect(Collectors.joining());
    }

    private List<String> machine() {
        List<String> lines = new ArrayList<>();
        lines.add(machine.line());
        lines.add(machine.origin());
        findings.flags().forEach((role, flags) -> lines.add(role + ": " + flags));
        return lines;
    }

    private Table aims() {
        Table table = new Table("aim", "measured", "wanted", "");
        for (Aim aim : Aims.of(findings)) {
            table.row(List.of(aim.what(), aim.measured(), aim.wanted(), aim.met() ? "met" : "missed"));
        }
        return table;
    }

    private Table results() {
        Table table = new Table(
                "scenario",
                "sent/s",
                "received/s",
                "lost",
                "announced",
                "dup",
                "disorder",
                "p50 ms",
                "p99",
                "p99.9",
                "p99.99",
                "D MiB",
                "TC MiB",
                "load before");
        for (Result result : findings.results()) {
            table.row(List.of(
                    result.scenario().name(),
                    whole(result.sent().rate()),
                    whole(result.deliveryRate()),
                    Long.toString(result.outcome().lost()),
                    Long.toString(result.outcome().announced()),
                    Long.toString(result.outcome().duplicates()),
                    Long.toString(result.outcome().outOfOrder()),
                    millis(result, 50),
                    millis(result, 99),
                    millis(result, 99.9),
                    millis(result, 99.99),
                    whole(result.doppler().peakMemory()),
                    whole(result.trafficController().peakMemory()),
                    two(result.loadBefore())));
        }
        return table;
    }

    /** CPU seconds a million. */
    private Table costs() {
        Table table = new Table(
                "CPU s/M sent", "generator", "D work", "D jit", "D x gen", "TC work", "TC jit", "TC x gen", "readers");
        findings.coldStart()
                .ifPresent(start ->
                        table.row(costs("cold, " + start.loaded().scenario().name(), start.loaded())));
        for (Result result : findings.results()) {
            table.row(costs(result.scenario().name(), result));
        }
        return table;
    }

    private static List<String> costs(String name, Result result) {
        return List.of(
                name,
                work(result, result.emitter()),
                work(result, result.doppler()),
                compiler(result, result.doppler()),
                two(result.timesEmitter(result.doppler())),
                work(result, result.trafficController()),
                compiler(result, result.trafficController()),
                two(result.timesEmitter(result.trafficController())),
                two(result.perMillion(result.readers().cpu().total())));
    }

    private static String work(Result result, Cost cost) {
        return two(result.perMillion(cost.cpu().work()));
    }

    private static String compiler(Result result, Cost cost) {
        return two(result.perMillion(cost.cpu().compiler()));
    }

    private Table sinks() {
        Table table = new Table("into nothing", "sent/s", "generator CPU s/M", "to a Doppler", "sink", "load before");
        for (Result result : findings.sinks()) {
            String name = result.scenario().name();
            table.row(List.of(
                    name,
                    whole(result.sent().rate()),
                    work(result, result.emitter()),
                    findings.result(name.substring(0, name.indexOf('-')))
                            .map(toDoppler -> work(toDoppler, toDoppler.emitter()))
                            .orElse(NONE),
                    work(result, result.doppler()),
                    two(result.loadBefore())));
        }
        return table;
    }

    private Table sockets() {
        Table table = new Table(
                "sockets alone",
                "written/s",
                "CPU s/M",
                "x generator of tails",
                "Traffic Controller CPU s/M",
                "x generator");
        findings.socketFloor().ifPresent(floor -> {
            Optional<Result> tails = findings.result(TAILS);
            table.row(List.of(
                    floor.tails() + " tails",
                    whole(floor.rate()),
                    two(floor.perMillion()),
                    tails.map(result -> two(floor.perMillion()
                                    / result.perMillion(result.emitter().cpu().work())))
                            .orElse(NONE),
                    tails.map(result -> work(result, result.trafficController()))
                            .orElse(NONE),
                    tails.map(result -> two(result.timesEmitter(result.trafficController())))
                            .orElse(NONE)));
        });
        return table;
    }

    private Table datagrams() {
        Table table = new Table(
                "datagrams",
                "sent/s",
                "dropped by the kernel",
                "taken in",
                "arrived",
                "D CPU s/M sent",
                "TC CPU s/M",
                "D MiB",
                "TC MiB");
        findings.datagrams()
                .ifPresent(found -> table.row(List.of(
                        found.name(),
                        whole(found.sentRate()),
                        Long.toString(found.counts().dropped()),
                        Long.toString(found.counts().takenIn()),
                        Long.toString(found.arrived()),
                        two(found.perMillion(found.doppler())),
                        two(found.perMillion(found.trafficController())),
                        whole(found.doppler().peakMemory()),
                        whole(found.trafficController().peakMemory()))));
        return table;
    }

    private Table idles() {
        Table table = new Table("nothing sent", "D cores", "TC cores", "D MiB", "TC MiB");
        for (Idle idle : findings.idles()) {
            table.row(List.of(
                    idle.name(),
                    four(idle.cores(idle.doppler())),
                    four(idle.cores(idle.trafficController())),
                    whole(idle.doppler().memory()),
                    whole(idle.trafficController().memory())));
        }
        return table;
    }

    /** What a reader must know to believe it. */
    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (!findings.attempts().isEmpty()) {
            notes.add("lossless: "
                    + findings.attempts().stream().map(Report::attempt).collect(Collectors.joining(", ")));
        }
        for (Result result : findings.results()) {
            String name = result.scenario().name() + ": ";
            if (!result.keptUp()) {
                notes.add(name
                        + text(
                                "the generator fell behind: %.0f/s instead of %s; held up by the Doppler for %.1f s",
                                result.sent().rate(),
                                result.scenario().rateText(),
                                result.sent().heldUpNanos() / 1e9));
            } else if (result.sent().worstLagNanos() > LATE_NANOS) {
                notes.add(name
                        + text(
                                "a batch left %.0f ms late, which is in the latencies",
                                result.sent().worstLagNanos() / 1e6));
            }
            if (result.outcome().others() > 0) {
                notes.add(name + result.outcome().others() + " envelopes were nothing of the load (notices of loss)");
            }
        }
        findings.failures().forEach((name, why) -> notes.add(name + " failed: " + why));
        return notes;
    }

    private static String attempt(Attempt attempt) {
        return text("%.0f/s %s", attempt.sent(), attempt.lossless() ? "went well" : "lost or lagged");
    }

    private static String millis(Result result, double percentile) {
        return two(result.latencies().getValueAtPercentile(percentile) / 1_000.0);
    }

    private static String whole(double value) {
        return text("%.0f", value);
    }

    private static String two(double value) {
        return text("%.2f", value);
    }

    private static String four(double value) {
        return text("%.4f", value);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
