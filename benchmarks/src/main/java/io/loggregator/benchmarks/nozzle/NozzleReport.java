package io.loggregator.benchmarks.nozzle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Results as a table for people and as JSON for programs. */
final class NozzleReport {
    private static final double CF_RATIO = 5;
    private static final double TYPED_BYTES = 1_024;
    private static final double RAW_BYTES = 100;
    private static final double MEBIBYTE = 1 << 20;
    private static final String ROW = "%-15s %14s %10s %8s %11s %14s %10s %9s %8s %12s%n";

    private NozzleReport() {}

    /** A table with one line for each reader, and below it the aims. */
    static String table(List<NozzleResult> results) {
        StringBuilder text = new StringBuilder(String.format(
                ROW,
                "reader",
                "env/CPU-s",
                "CPU-s/M",
                "jit/M",
                "bytes/env",
                "catch/CPU-s",
                "most/s",
                "held MiB",
                "told",
                "unexplained"));
        for (NozzleResult result : results) {
            text.append(String.format(
                    ROW,
                    result.reader().label(),
                    number(result.perCpuSecond()),
                    two(perMillion(result, result.cpu().work())),
                    two(perMillion(result, result.cpu().compiler())),
                    number(result.allocatedPerEnvelope()),
                    number(result.perCpuSecondCatchingUp()),
                    number(result.mostPerSecond()),
                    two(result.heldHeap() / MEBIBYTE),
                    result.told(),
                    result.unexplained()));
        }
        text.append('\n');
        aims(results).forEach(aim -> text.append(aim).append('\n'));
        for (NozzleResult result : results) {
            if (result.troubles() > 0) {
                text.append(result.reader().label())
                        .append(": streams that ended, or losses of unknown size: ")
                        .append(result.troubles())
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** What the library is to reach, and whether it has, as far as the results tell. */
    static List<String> aims(List<NozzleResult> results) {
        List<String> aims = new ArrayList<>();
        Optional<NozzleResult> frames = of(ReaderKind.FRAMES, results);
        Optional<NozzleResult> cf = of(ReaderKind.CF_JAVA_CLIENT, results);
        of(ReaderKind.SDK_RAW, results)
                .ifPresent(raw -> aims.add(aim(
                        raw.allocatedPerEnvelope() < RAW_BYTES,
                        "raw: %.1f bytes allocated for each envelope, below %.0f",
                        raw.allocatedPerEnvelope(),
                        RAW_BYTES)));
        of(ReaderKind.SDK_TYPED, results).ifPresent(typed -> {
            aims.add(aim(
                    typed.allocatedPerEnvelope() < TYPED_BYTES,
                    "typed: %.0f bytes allocated for each envelope, below %.0f",
                    typed.allocatedPerEnvelope(),
                    TYPED_BYTES));
            cf.ifPresent(other -> aims.add(aim(
                    typed.perCpuSecond() >= CF_RATIO * other.perCpuSecond(),
                    "typed, steady load: %.1f times cf-java-client's envelopes for each CPU second, at least %.0f",
                    typed.perCpuSecond() / other.perCpuSecond(),
                    CF_RATIO)));
            cf.ifPresent(other -> aims.add(aim(
                    typed.perCpuSecondCatchingUp() >= CF_RATIO * other.perCpuSecondCatchingUp(),
                    "typed, catching up: %.1f times cf-java-client's envelopes for each CPU second, at least %.0f",
                    typed.perCpuSecondCatchingUp() / other.perCpuSecondCatchingUp(),
                    CF_RATIO)));
            frames.ifPresent(most -> aims.add(aim(
                    typed.mostPerSecond() >= most.mostPerSecond(),
                    "typed: takes %.2f times what the Traffic Controller gives one client of the first protocol, at least"
                            + " %.0f",
                    typed.mostPerSecond() / most.mostPerSecond(),
                    1.0)));
        });
        return aims;
    }

    private static Optional<NozzleResult> of(ReaderKind kind, List<NozzleResult> results) {
        return results.stream().filter(result -> result.reader() == kind).findFirst();
    }

    private static String aim(boolean met, String text, double is, double aim) {
        return (met ? "met     " : "missed  ") + String.format(Locale.ROOT, text, is, aim);
    }

    private static double perMillion(NozzleResult result, double cpuSeconds) {
        return result.received() == 0 ? 0 : cpuSeconds * 1e6 / result.received();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String two(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** The same and more; the names say the units. */
    static ArrayNode json(List<NozzleResult> results) {
        ArrayNode all = new ObjectMapper().createArrayNode();
        for (NozzleResult result : results) {
            all.addObject()
                    .put("reader", result.reader().label())
                    .put("sent", result.sent())
                    .put("received", result.received())
                    .put("cpuSeconds", result.cpu().total())
                    .put("compilerSeconds", result.cpu().compiler())
                    .put("collectorSeconds", result.cpu().collector())
                    .put("envelopesPerCpuSecond", result.perCpuSecond())
                    .put(
                            "workSecondsPerMillion",
                            perMillion(result, result.cpu().work()))
                    .put("allocatedBytesPerEnvelope", result.allocatedPerEnvelope())
                    .put("sentWhileHeld", result.waiting())
                    .put("caughtUp", result.caughtUp())
                    .put("catchUpCpuSeconds", result.catchUpCpu().total())
                    .put("catchUpEnvelopesPerCpuSecond", result.perCpuSecondCatchingUp())
                    .put("mostPerSecond", result.mostPerSecond())
                    .put("heldHeapMiB", result.heldHeap() / MEBIBYTE)
                    .put("toldMissing", result.told())
                    .put("unexplained", result.unexplained())
                    .put("troubles", result.troubles());
        }
        return all;
    }
}
