package io.loggregator.benchmarks.nozzle;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures what reading a firehose costs: the library for nozzles, cf-java-client, and the least that a client can do. */
@Command(
        name = "run-nozzle",
        description = "Measure readers of a firehose, one after the other. Linux only.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class NozzleBenchmark implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    private CommandSpec command;

    @Option(names = "--launcher", required = true, description = "The program that starts the servers.")
    private Path launcher;

    @Option(
            names = "--reader",
            paramLabel = "NAME",
            description = "Only this one; may be repeated: frames, sdk-raw, sdk-typed, sdk-v1, cf-java-client.")
    private List<String> names = List.of();

    @Option(names = "--short", description = "Less of everything: an impression, no figures to keep.")
    private boolean hurried;

    @Option(names = "--warm-up", paramLabel = "SECONDS", description = "Load before it is measured (15; short: 5).")
    private Integer warmUp;

    @Option(names = "--measure", paramLabel = "SECONDS", description = "Load that is measured (10; short: 4).")
    private Integer measure;

    @Option(names = "--rate", paramLabel = "N", description = "Envelopes a second of both.")
    private long rate = 50_000;

    @Option(names = "--bursts", paramLabel = "N", description = "How often each is held up (3; short: 1).")
    private Integer bursts;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
    private Path json;

    private NozzleBenchmark() {}

    /** Exit status: 0, 1 when something failed or is unexplained, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new NozzleBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        List<ReaderKind> readers = chosen();
        if (rate < 1000 || rate > 1_000_000) {
            throw new ParameterException(command.commandLine(), "--rate is 1000 to 1000000");
        }
        NozzlePlan plan = new NozzlePlan(
                Duration.ofSeconds(within(warmUp, 15, 5)),
                Duration.ofSeconds(within(measure, 10, 4)),
                rate,
                within(bursts, 3, 1));
        Path directory = Files.createTempDirectory("loggregator-benchmark-");
        System.err.println("keys, and what the servers and readers say: " + directory);
        List<NozzleResult> results = new ArrayList<>();
        int failed = 0;
        try (NozzleRun run = new NozzleRun(launcher, directory, plan)) {
            for (ReaderKind reader : readers) {
                System.err.printf(
                        Locale.ROOT,
                        "%s (load of the machine before: %s)%n",
                        reader.label(),
                        Files.readString(Path.of("/proc/loadavg")).trim());
                try {
                    results.add(run.measure(reader));
                } catch (IOException e) {
                    failed++;
                    System.err.println(reader.label() + " failed: " + e.getMessage());
                }
            }
        }
        System.out.print(NozzleReport.table(results));
        if (json != null) {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), NozzleReport.json(results));
        }
        boolean sound = results.stream().allMatch(result -> result.unexplained() == 0);
        return failed == 0 && sound ? 0 : FAILED;
    }

    private List<ReaderKind> chosen() {
        List<ReaderKind> all = List.of(ReaderKind.values());
        for (String name : names) {
            if (all.stream().noneMatch(reader -> reader.label().equals(name))) {
                throw new ParameterException(command.commandLine(), "no reader " + name + "; there are: " + all);
            }
        }
        return all.stream()
                .filter(reader -> names.isEmpty() || names.contains(reader.label()))
                .toList();
    }

    private int within(Integer given, int usual, int inHaste) {
        int number = given != null ? given : hurried ? inHaste : usual;
        if (number < 1 || number > 3600) {
            throw new ParameterException(command.commandLine(), "times and counts are 1 to 3600");
        }
        return number;
    }
}
