package io.loggregator.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Where and when something was measured.
 *
 * @param processors how many there are for a process
 * @param model as the kernel calls them
 * @param kernel its name and release
 * @param java version of the runtime
 * @param date UTC, to the minute
 * @param commit of the sources, as git tells
 */
public record Machine(int processors, String model, String kernel, String java, Instant date, String commit) {
    /** This one, now. */
    public static Machine here(String commit) throws IOException {
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                model(Files.readAllLines(Path.of("/proc/cpuinfo"))),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
                Instant.now().truncatedTo(ChronoUnit.MINUTES),
                commit);
    }

    /** What it is, in a line. */
    String line() {
        return processors + " processors, " + model + "; " + kernel + "; " + java;
    }

    /** When, and of which sources, in a line. */
    String origin() {
        return date + ", commit " + commit;
    }

    /** The first processor's, of the lines of {@code /proc/cpuinfo}; on ARM the kernel gives no name. */
    static String model(List<String> lines) {
        for (String line : lines) {
            if (line.startsWith("model name")) {
                return line.substring(line.indexOf(':') + 1).trim();
            }
        }
        return System.getProperty("os.arch");
    }
}
