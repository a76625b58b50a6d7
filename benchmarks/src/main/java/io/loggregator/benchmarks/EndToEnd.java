package io.loggregator.benchmarks;

import io.loggregator.benchmarks.report.Json;
import io.loggregator.benchmarks.report.Machine;
import io.loggregator.benchmarks.report.Report;
import io.loggregator.benchmarks.run.Findings;
import io.loggregator.benchmarks.run.Plan;
import io.loggregator.benchmarks.run.Suite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures a Doppler and a Traffic Controller, as processes of their own with TLS everywhere, under load. */
@Command(
        name = "run-end-to-end",
        description = "Measure a Doppler and a Traffic Controller under load. Linux only.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
public final class EndToEnd implements Callable<Integer> {
    private static final int FAILED = 1;
    /** What takes long to build up. */
    private static final Set<String> NOT_IN_HASTE = Set.of("idle-10000-tails", "100k-sources");

    @Spec
    private CommandSpec command;

    @Mixin
    private Common common;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description = "Only this one; may be repeated. --list tells the names.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Tell the names of the scenarios, and do nothing else.")
    private boolean list;

    @Option(names = "--short", description = "Less of everything: an impression, no figures to keep.")
    private boolean hurried;

    @Option(names = "--cold", paramLabel = "SECONDS", description = "Load on servers just started (30; short: 5).")
    private Integer cold;

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Warm-up in small batches (30; short: 5).")
    private Integer warmUp;

    @Option(names = "--settle", paramLabel = "SECONDS", description = "Own load, not measured (5; short: 1).")
    private Integer settle;

    @Option(names = "--measure", paramLabel = "SECONDS", description = "Own load, measured (12; short: 3).")
    private Integer measure;

    private EndToEnd() {}

    /** Exit status: 0, 1 when something failed, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EndToEnd()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        if (list) {
            Suite.names().forEach(System.out::println);
            return 0;
        }
        Set<String> chosen = chosen();
        Plan plan = new Plan(
                seconds("--cold", cold, 30, 5),
                seconds("--warm-up", warmUp, 30, 5),
                seconds("--settle", settle, 5, 1),
                seconds("--measure", measure, 12, 3),
                Duration.ofSeconds(hurried ? 2 : 5),
                Duration.ofSeconds(hurried ? 3 : 15),
                common.batch(),
                common.connections(),
                common.eventLoops());
        long start = System.nanoTime();
        Path directory = Files.createTempDirectory("loggregator-benchmark-");
        System.err.println("keys, and what the servers say: " + directory);
        Findings findings = new Suite(common.launcher(), directory, plan, chosen, System.err::println).run();
        System.err.printf("done in %d s%n", (System.nanoTime() - start) / 1_000_000_000);
        Machine machine = Machine.here(common.commit());
        Report report = new Report(machine, findings);
        System.out.print(report.text());
        common.write("end-to-end", report.markdown(), Json.of(machine, findings));
        return findings.failures().isEmpty() ? 0 : FAILED;
    }

    private Set<String> chosen() {
        Set<String> chosen = new LinkedHashSet<>(names);
        for (String name : names) {
            if (!Suite.names().contains(name)) {
                throw new ParameterException(command.commandLine(), "no scenario " + name + "; --list tells all names");
            }
        }
        if (names.isEmpty()) {
            chosen.addAll(Suite.names());
            if (hurried) {
                chosen.removeAll(NOT_IN_HASTE);
            }
        }
        return chosen;
    }

    private Duration seconds(String option, Integer given, int usual, int inHaste) {
        return common.seconds(option, given != null ? given : hurried ? inHaste : usual);
    }
}
