package io.loggregator.benchmarks;

import io.loggregator.benchmarks.report.Machine;
import io.loggregator.benchmarks.report.SoakReport;
import io.loggregator.benchmarks.run.Plan;
import io.loggregator.benchmarks.run.Soak;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts the same load on a Doppler and a Traffic Controller for a long time. */
@Command(
        name = "run-soak",
        description = "The same load for a long time: memory, pauses, latency, loss. Linux only.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
public final class Soaking implements Callable<Integer> {
    private static final int LOST = 1;
    private static final int MOST_MINUTES = 7 * 24 * 60;
    private static final int MOST_RATE = 10_000_000;
    private static final int SECONDS_PER_MINUTE = 60;
    private static final int WARM_UP_SECONDS = 30;
    private static final int SETTLE_SECONDS = 10;

    @Mixin
    private Common common;

    @Option(names = "--minutes", paramLabel = "N", description = "How long.")
    private int minutes = 30;

    @Option(names = "--rate", paramLabel = "N", description = "Envelopes a second.")
    private int rate = 100_000;

    @Option(names = "--slice", paramLabel = "SECONDS", description = "How often a line of the table ends.")
    private int slice = 60;

    private Soaking() {}

    /** Exit status: 0, 1 when something was lost or failed, 2 when an option is wrong. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Soaking()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Plan plan = new Plan(
                Duration.ZERO,
                Duration.ofSeconds(WARM_UP_SECONDS),
                Duration.ofSeconds(SETTLE_SECONDS),
                common.seconds("--slice", slice),
                Duration.ZERO,
                Duration.ZERO,
                common.batch(),
                common.connections(),
                common.eventLoops());
        int slices = Math.max(1, common.inRange("--minutes", minutes, 1, MOST_MINUTES) * SECONDS_PER_MINUTE / slice);
        Path directory = Files.createTempDirectory("loggregator-benchmark-");
        System.err.println("keys, and what the servers say: " + directory);
        Soak soak = Soak.run(
                common.launcher(),
                directory,
                plan,
                slices,
                common.inRange("--rate", rate, 1, MOST_RATE),
                System.err::println);
        SoakReport report = new SoakReport(Machine.here(common.commit()), soak);
        System.out.print(report.text());
        common.write("soak", report.markdown(), report.json());
        return soak.lost() == 0 ? 0 : LOST;
    }
}
