package io.loggregator.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.loggregator.benchmarks.run.Plan;
import io.loggregator.benchmarks.run.Report;
import io.loggregator.benchmarks.run.Result;
import io.loggregator.benchmarks.run.Run;
import io.loggregator.benchmarks.run.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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

    @Spec
    private CommandSpec command;

    @Option(names = "--launcher", required = true, description = "The program that starts the servers.")
    private Path launcher;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            description =
                    "Only this one; may be repeated: 10k, 20k, 100k, 20k-4-firehoses, 10k-1000-tails, full-speed.")
    private List<String> names = List.of();

    @Option(names = "--short", description = "Less of everything: an impression, no figures to keep.")
    private boolean hurried;

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Warm-up in small batches (20; short: 6).")
    private Integer warmUp;

    @Option(names = "--settle", paramLabel = "SECONDS", description = "Own load, not measured (10; short: 2).")
    private Integer settle;

    @Option(names = "--measure", paramLabel = "SECONDS", description = "Own load, measured (10; short: 4).")
    private Integer measure;

    @Option(names = "--batch", paramLabel = "N", description = "Envelopes in a batch.")
    private int batch = 100;

    @Option(names = "--connections", paramLabel = "N", description = "The generator's connections.")
    private int connections = 4;

    @Option(names = "--event-loops", paramLabel = "N", description = "Of each server; 0 = the servers' default.")
    private int eventLoops;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
    private Path json;

    private EndToEnd() {}

    /** Exit status: 0, 1 when something failed, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new EndToEnd()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<Scenario> scenarios = chosen();
        Plan plan = new Plan(
                seconds(warmUp, 20, 6),
                seconds(settle, 10, 2),
                seconds(measure, 10, 4),
                batch,
                connections,
                eventLoops);
        if (batch < 1 || connections < 1 || connections > 100 || eventLoops < 0) {
            throw new ParameterException(
                    command.commandLine(), "--batch is 1 or more, --connections 1 to 100, --event-loops 0 or more");
        }
        Path directory = Files.createTempDirectory("loggregator-benchmark-");
        System.err.println("keys, and what the servers say: " + directory);
        List<Result> results = new ArrayList<>();
        int failed = 0;
        for (Scenario scenario : scenarios) {
            System.err.printf(
                    Locale.ROOT,
                    "%s (load of the machine before: %s)%n",
                    scenario.name(),
                    Files.readString(Path.of("/proc/loadavg")).trim());
            try {
                Path own = Files.createDirectory(directory.resolve(scenario.name()));
                results.add(new Run(scenario, plan).result(launcher, own));
            } catch (IOException e) {
                failed++;
                System.err.println(scenario.name() + " failed: " + e.getMessage());
            }
        }
        System.out.print(Report.table(results));
        if (json != null) {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), Report.json(results));
        }
        return failed == 0 ? 0 : FAILED;
    }

    private List<Scenario> chosen() {
        String known = Scenario.ALL.stream().map(Scenario::name).collect(Collectors.joining(", "));
        for (String name : names) {
            if (Scenario.ALL.stream().noneMatch(scenario -> scenario.name().equals(name))) {
                throw new ParameterException(command.commandLine(), "no scenario " + name + "; there are: " + known);
            }
        }
        return Scenario.ALL.stream()
                .filter(scenario -> names.isEmpty() || names.contains(scenario.name()))
                .toList();
    }

    private Duration seconds(Integer given, int usual, int inHaste) {
        int seconds = given != null ? given : hurried ? inHaste : usual;
        if (seconds < 1 || seconds > 3600) {
            throw new ParameterException(command.commandLine(), "times are 1 to 3600 seconds");
        }
        return Duration.ofSeconds(seconds);
    }
}
