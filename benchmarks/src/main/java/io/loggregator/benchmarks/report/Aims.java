package io.loggregator.benchmarks.report;

import io.loggregator.benchmarks.run.ColdStart;
import io.loggregator.benchmarks.run.Cost;
import io.loggregator.benchmarks.run.Findings;
import io.loggregator.benchmarks.run.Idle;
import io.loggregator.benchmarks.run.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * What the project aims at, beside what was found. Costs are multiples of the generator's own in the same run: how fast
 * machines are differs, and changes by the hour. All are without compiler threads.
 */
final class Aims {
    private static final double LOSSLESS = 200_000;
    private static final double DOPPLER_20K = 1.3;
    private static final double TRAFFIC_CONTROLLER_20K = 1.0;
    private static final double EACH_100K = 1.25;
    private static final double EACH_FOUR_FIREHOSES = 1.43;
    private static final double BOTH_TAILS = 2.35;
    private static final double BOTH_GRPC = 2.0;
    /** Where the tags have to be moved. */
    private static final double BOTH_GRPC_DEPRECATED = 2.86;

    private static final double BOTH_SSE = 3.43;
    private static final double TAILS_P99_MILLIS = 10;
    private static final double[] LATENCY_MILLIS = {1.5, 5, 10};
    private static final double FULL_SPEED_SHARE = 0.8;
    private static final double IDLE_CORES = 0.005;
    private static final double IDLE_TAILS_CORES = 0.02;
    private static final double MEMORY = 200;
    private static final double MANY_TAILS_MEMORY = 1024;
    private static final double COLD_SECONDS = 1.5;
    private static final double COLD_TIMES_WARM = 2;

    private final Findings findings;
    private final List<Aim> aims = new ArrayList<>();

    private Aims(Findings findings) {
        this.findings = findings;
    }

    /** Those of which something was found. */
    static List<Aim> of(Findings findings) {
        Aims all = new Aims(findings);
        all.rates();
        all.costs();
        all.latencies();
        all.still();
        all.memory();
        all.start();
        return all.aims;
    }

    private void rates() {
        findings.lossless()
                .ifPresent(rate -> aims.add(new Aim(
                        "highest rate without loss, one firehose",
                        text("%,.0f/s", rate),
                        text("at least %,.0f/s", LOSSLESS),
                        rate >= LOSSLESS)));
        findings.result("full-speed").ifPresent(result -> {
            findings.lossless().ifPresent(rate -> {
                double share = rate == 0 ? 0 : result.deliveryRate() / rate;
                aims.add(new Aim(
                        "emitted at full speed: arrives, of the rate without loss",
                        text(
                                "%.0f %% (%,.0f/s of %,.0f/s sent)",
                                share * 100,
                                result.deliveryRate(),
                                result.sent().rate()),
                        text("at least %.0f %%", FULL_SPEED_SHARE * 100),
                        share >= FULL_SPEED_SHARE));
            });
            aims.add(new Aim(
                    "emitted at full speed: lost without a word",
                    text(
                            "%,d (%,d lost, %,d announced)",
                            result.outcome().unannounced(),
                            result.outcome().lost(),
                            result.outcome().announced()),
                    "0",
                    result.outcome().unannounced() == 0));
        });
        long silent = findings.results().stream()
                .filter(result -> result.scenario().rate() > 0)
                .mapToLong(result -> result.outcome().lost())
                .sum();
        if (findings.results().stream().anyMatch(result -> result.scenario().rate() > 0)) {
            aims.add(new Aim("lost at all rates below full speed", text("%,d", silent), "0", silent == 0));
        }
        findings.datagrams()
                .ifPresent(found -> aims.add(new Aim(
                        text("%,d signed datagrams/s, one firehose: dropped by the kernel, lost", found.rate()),
                        text(
                                "%,d, %,d (of %,d, %,.0f/s sent)",
                                found.counts().dropped(), found.lost(), found.sent(), found.sentRate()),
                        "0, 0",
                        found.sound())));
    }

    private void costs() {
        findings.result("20k").ifPresent(result -> {
            cost("20,000/s, one firehose: Doppler", result, DOPPLER_20K, result.doppler());
            cost(
                    "20,000/s, one firehose: Traffic Controller",
                    result,
                    TRAFFIC_CONTROLLER_20K,
                    result.trafficController());
        });
        each("100k", "100,000/s, one firehose", EACH_100K);
        each("20k-4-firehoses", "20,000/s, four firehoses", EACH_FOUR_FIREHOSES);
        both("10k-1000-tails", "10,000/s, 1,000 app tails", BOTH_TAILS);
        both("20k-grpc", "20,000/s, one gRPC reader, preferred tags", BOTH_GRPC);
        both("20k-grpc-deprecated", "20,000/s, one gRPC reader, deprecated tags", BOTH_GRPC_DEPRECATED);
        both("20k-sse", "20,000/s, one SSE reader", BOTH_SSE);
    }

    private void each(String scenario, String what, double times) {
        findings.result(scenario).ifPresent(result -> {
            cost(what + ": Doppler", result, times, result.doppler());
            cost(what + ": Traffic Controller", result, times, result.trafficController());
        });
    }

    private void both(String scenario, String what, double times) {
        findings.result(scenario)
                .ifPresent(
                        result -> cost(what + ": both", result, times, result.doppler(), result.trafficController()));
    }

    private void cost(String what, Result result, double times, Cost... costs) {
        double seconds = 0;
        double multiple = 0;
        for (Cost cost : costs) {
            seconds += result.perMillion(cost.cpu().work());
            multiple += result.timesEmitter(cost);
        }
        aims.add(new Aim(
                what,
                text("%.2f x generator (%.1f CPU s/M)", multiple, seconds),
                text("at most %.2f x", times),
                multiple > 0 && multiple <= times));
    }

    private void latencies() {
        findings.result("10k").ifPresent(result -> {
            double[] found = DoubleStream.of(50, 99, 99.9)
                    .map(percentile -> millis(result, percentile))
                    .toArray();
            aims.add(new Aim(
                    "latency at 10,000/s, p50 / p99 / p99.9",
                    text("%.1f / %.1f / %.1f ms", found[0], found[1], found[2]),
                    text("at most %.1f / %.0f / %.0f ms", LATENCY_MILLIS[0], LATENCY_MILLIS[1], LATENCY_MILLIS[2]),
                    found[0] <= LATENCY_MILLIS[0] && found[1] <= LATENCY_MILLIS[1] && found[2] <= LATENCY_MILLIS[2]));
        });
        findings.result("10k-1000-tails").ifPresent(result -> {
            double found = millis(result, 99);
            aims.add(new Aim(
                    "latency of 1,000 app tails at 10,000/s, p99",
                    text("%.1f ms", found),
                    text("at most %.0f ms", TAILS_P99_MILLIS),
                    found <= TAILS_P99_MILLIS));
        });
    }

    private static double millis(Result result, double percentile) {
        return result.latencies().getValueAtPercentile(percentile) / 1_000.0;
    }

    private void still() {
        findings.idle("idle").ifPresent(idle -> {
            double worst = Math.max(idle.cores(idle.doppler()), idle.cores(idle.trafficController()));
            aims.add(new Aim("idle", cores(idle), text("at most %.3f core each", IDLE_CORES), worst <= IDLE_CORES));
        });
        findings.idle("idle-1000-tails").ifPresent(idle -> {
            double all = idle.cores(idle.doppler()) + idle.cores(idle.trafficController());
            aims.add(new Aim(
                    "1,000 idle tails",
                    cores(idle),
                    text("at most %.3f core in all", IDLE_TAILS_CORES),
                    all <= IDLE_TAILS_CORES));
        });
    }

    private static String cores(Idle idle) {
        return text(
                "Doppler %.4f, Traffic Controller %.4f core",
                idle.cores(idle.doppler()), idle.cores(idle.trafficController()));
    }

    private void memory() {
        // Many sources have an aim of their own: what is kept of them.
        List<Result> usual = findings.results().stream()
                .filter(result -> !result.scenario().name().equals("100k-sources"))
                .toList();
        if (!usual.isEmpty()) {
            double doppler =
                    peak(usual.stream().mapToDouble(result -> result.doppler().peakMemory()));
            double trafficController = peak(usual.stream()
                    .mapToDouble(result -> result.trafficController().peakMemory()));
            aims.add(new Aim(
                    "largest resident set under load, flooded or not",
                    text("Doppler %.0f, Traffic Controller %.0f MiB", doppler, trafficController),
                    text("at most %.0f MiB each", MEMORY),
                    Math.max(doppler, trafficController) <= MEMORY));
        }
        findings.idle("idle-10000-tails").ifPresent(idle -> {
            double found = idle.trafficController().peakMemory();
            aims.add(new Aim(
                    "10,000 idle tails: resident set of the Traffic Controller",
                    text("%.0f MiB", found),
                    text("below %.0f MiB", MANY_TAILS_MEMORY),
                    found < MANY_TAILS_MEMORY));
        });
        findings.recentPast()
                .ifPresent(past -> aims.add(new Aim(
                        "recent logs of 100,000 sources",
                        text("%.1f MiB for %,d sources", past.bytes() / 1048576.0, past.sources()),
                        text("at most %.0f MiB", past.budget() / 1048576.0),
                        past.sources() > 0 && past.bytes() <= past.budget())));
    }

    private static double peak(DoubleStream values) {
        return values.max().orElse(0);
    }

    private void start() {
        findings.coldStart().ifPresent(start -> {
            aims.add(new Aim(
                    "both started to the first envelope through",
                    text("%.2f s (%.1f CPU s)", start.firstSeconds(), start.startSeconds()),
                    text("at most %.1f s", COLD_SECONDS),
                    start.firstSeconds() <= COLD_SECONDS));
            findings.result("20k").ifPresent(warm -> {
                double times = ColdStart.both(start.loaded()) / ColdStart.both(warm);
                aims.add(new Aim(
                        text(
                                "the first %.0f s after that, compilers included, against warm ones",
                                start.loaded().sent().elapsedNanos() / 1e9),
                        text(
                                "%.1f times (%.1f against %.1f CPU s/M, both servers)",
                                times, ColdStart.both(start.loaded()), ColdStart.both(warm)),
                        text("at most %.0f times", COLD_TIMES_WARM),
                        times <= COLD_TIMES_WARM));
            });
        });
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
