package io.loggregator.benchmarks.run;

import io.loggregator.benchmarks.load.PreparedBatch;
import io.loggregator.benchmarks.process.Pauses;
import io.loggregator.benchmarks.process.Pauses.Pause;
import io.loggregator.benchmarks.process.Server;
import io.loggregator.benchmarks.reader.Readers;
import io.loggregator.node.tls.InvalidTlsMaterial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * A long time of the same load, in slices.
 *
 * @param slices in the order in which they were
 */
public record Soak(List<Slice> slices) {
    private static final String OPTIONS = "LOGGREGATOR_JAVA_OPTS";

    /**
     * A part of it.
     *
     * @param endSecond when it was over, in seconds from the servers' start
     * @param dopplerPauses garbage collections of the Doppler that ended in it
     * @param trafficControllerPauses the same of the Traffic Controller
     */
    public record Slice(
            double endSecond, Result result, List<Pause> dopplerPauses, List<Pause> trafficControllerPauses) {}

    /** A result and when it was there. */
    private record Timed(double endSecond, Result result) {}

    /**
     * Runs it.
     *
     * @param directory empty; keys are written there, and what the servers say
     * @param plan whose measuring time is that of a slice
     * @param slices how many
     * @param rate envelopes a second
     */
    public static Soak run(Path launcher, Path directory, Plan plan, int slices, long rate, Consumer<String> progress)
            throws IOException, InterruptedException, InvalidTlsMaterial {
        Map<String, String> settings = new HashMap<>(Cluster.NO_OWN_METRICS);
        settings.put(OPTIONS, (System.getenv().getOrDefault(OPTIONS, "") + " " + Pauses.FLAG).trim());
        Scenario scenario =
                new Scenario("soak", rate, Scenario.SOURCES, PreparedBatch.PAYLOAD_BYTES, Readers.firehoses(1));
        try (Sessions sessions = new Sessions(launcher, directory, plan);
                Session session = sessions.start("soak", settings)) {
            progress.accept("warm-up");
            session.warmUp();
            List<Timed> results = new ArrayList<>();
            session.repeat(scenario, slices, result -> {
                results.add(new Timed((System.nanoTime() - session.cluster().startNanos()) / 1e9, result));
                progress.accept(results.size() + " of " + slices);
            });
            return of(results, session.cluster().doppler(), session.cluster().trafficController());
        }
    }

    private static Soak of(List<Timed> results, Server doppler, Server trafficController) throws IOException {
        List<Pause> dopplerPauses = Pauses.in(doppler.output());
        List<Pause> trafficControllerPauses = Pauses.in(trafficController.output());
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Timed timed = results.get(i);
            double from = i == 0
                    ? timed.endSecond() - seconds(timed.result())
                    : results.get(i - 1).endSecond();
            slices.add(new Slice(
                    timed.endSecond(),
                    timed.result(),
                    within(dopplerPauses, from, timed.endSecond()),
                    within(trafficControllerPauses, from, timed.endSecond())));
        }
        return new Soak(slices);
    }

    private static double seconds(Result result) {
        return Math.max(result.deliverySeconds(), result.sent().elapsedNanos() / 1e9);
    }

    private static List<Pause> within(List<Pause> pauses, double from, double to) {
        return pauses.stream()
                .filter(pause -> pause.second() > from && pause.second() <= to)
                .toList();
    }

    /** Latencies of all slices, in microseconds. */
    public Histogram latencies() {
        Histogram all = slices.get(0).result().latencies().copy();
        for (Slice slice : slices.subList(1, slices.size())) {
            all.add(slice.result().latencies());
        }
        return all;
    }

    /** What was lost in all. */
    public long lost() {
        return slices.stream()
                .mapToLong(slice -> slice.result().outcome().lost())
                .sum();
    }
}
