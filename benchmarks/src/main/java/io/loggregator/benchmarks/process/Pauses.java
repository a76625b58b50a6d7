package io.loggregator.benchmarks.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pauses of a JVM's garbage collections, as {@code -Xlog:gc} tells them among what else it says. */
public final class Pauses {
    /** The JVM's flag that has them told. */
    public static final String FLAG = "-Xlog:gc";

    private static final Pattern LINE =
            Pattern.compile("^\\[(\\d+\\.\\d+)s\\].* GC\\(\\d+\\) Pause (.*) (\\d+\\.\\d+)ms$");

    private Pauses() {}

    /**
     * One of them.
     *
     * @param second of its end, counted from the JVM's start
     * @param what of which kind, from how much to how much memory
     * @param millis how long
     */
    public record Pause(double second, String what, double millis) {}

    /** All that are in a file with what a JVM said. */
    public static List<Pause> in(Path file) throws IOException {
        List<Pause> pauses = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            lines.forEach(line -> {
                Matcher pause = LINE.matcher(line);
                if (pause.find()) {
                    pauses.add(new Pause(
                            Double.parseDouble(pause.group(1)), pause.group(2), Double.parseDouble(pause.group(3))));
                }
            });
        }
        return pauses;
    }
}
