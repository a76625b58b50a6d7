package io.loggregator.benchmarks;

import io.loggregator.benchmarks.report.GrowthReport;
import io.loggregator.benchmarks.report.Machine;
import io.loggregator.benchmarks.run.Growth;
import io.loggregator.benchmarks.run.GrowthSuite;
import io.loggregator.benchmarks.run.Plan;
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

/** Measures how the cost of an envelope grows with clients, sources and its size. */
@Command(
        name = "run-growth",
        description = "Measure how cost grows with firehoses, sources, payloads and app tails. Linux only.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
public final class Growing implements Callable<Integer> {
    @Spec
    private CommandSpec command;

    @Mixin
    private Common common;

    @Option(
            names = "--question",
            paramLabel = "NAME",
            description = "Only this one; may be repeated: firehoses, sources, payloads, tails.")
    private List<String> questions = List.of();

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Warm-up in small batches.")
    private int warmUp = 30;

    @Option(names = "--settle", paramLabel = "SECONDS", description = "Each load, not measured.")
    private int settle = 5;

    @Option(names = "--measure", paramLabel = "SECONDS", description = "Each load, measured.")
    private int measure = 15;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw the curves there.")
    private Path svg;

    private Growing() {}

    /** Exit status: 0, 1 when something failed, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Growing()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        for (String name : questions) {
            if (!Growth.names().contains(name)) {
                throw new ParameterException(
                        command.commandLine(), "no question " + name + "; there are: " + Growth.names());
            }
        }
        Set<String> chosen = new LinkedHashSet<>(questions.isEmpty() ? Growth.names() : questions);
        Duration nothing = Duration.ZERO;
        Plan plan = new Plan(
                nothing,
                common.seconds("--warm-up", warmUp),
                common.seconds("--settle", settle),
                common.seconds("--measure", measure),
                nothing,
                nothing,
                common.batch(),
                common.connections(),
                common.eventLoops());
        Path directory = Files.createTempDirectory("loggregator-benchmark-");
        System.err.println("keys, and what the servers say: " + directory);
        List<Growth> all = GrowthSuite.run(common.launcher(), directory, plan, chosen, System.err::println);
        GrowthReport report = new GrowthReport(Machine.here(common.commit()), all);
        System.out.print(report.text());
        common.write("growth", report.markdown(), report.json());
        if (svg != null) {
            Files.writeString(svg, report.svg());
        }
        return 0;
    }
}
