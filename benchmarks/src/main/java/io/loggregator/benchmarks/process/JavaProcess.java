package io.loggregator.benchmarks.process;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How the benchmark's own programs are started: with this JVM's program and class path. */
public final class JavaProcess {
    /**
     * Only the first compiler: a generator has to be quiet, and the second compiler's threads would take the processors from
     * what is measured.
     */
    private static final String QUIET = "-XX:TieredStopAtLevel=1";

    private static final List<String> FLAGS = List.of(
            "-Xms256m",
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-Dio.netty.allocator.type=pooled",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private JavaProcess() {}

    /** The command line that runs a class with the first compiler only. */
    public static List<String> command(String mainClass, List<String> arguments) {
        return command(List.of(QUIET), mainClass, arguments);
    }

    /** The command line that runs a class that is itself measured: with both compilers, as the product's servers. */
    public static List<String> serverCommand(String mainClass, List<String> arguments) {
        return command(List.of(), mainClass, arguments);
    }

    private static List<String> command(List<String> compilers, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.addAll(compilers);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    /** Has a process end that does so when its orders do; by force when it takes longer. */
    public static void end(Process process, Closeable orders, Duration limit) {
        try {
            orders.close();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException gone) {
            process.destroyForcibly();
        } catch (InterruptedException hurry) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
