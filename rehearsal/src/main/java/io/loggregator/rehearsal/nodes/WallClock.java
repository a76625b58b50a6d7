package io.loggregator.rehearsal.nodes;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The time of day as one server sees it, set while it runs: libfaketime, which the server is started with, reads from a file
 * by how much it is wrong. How long something takes, and when a timer is due, are not changed, as by no clock that is set.
 */
public final class WallClock {
    private static final String NAME = "faketime/libfaketime.so.1";

    private final Path library;
    private final Path file;

    /** @param file where the library looks */
    WallClock(Path library, Path file) throws IOException {
        this.library = library;
        this.file = file;
        set(Duration.ZERO);
    }

    /** Where libfaketime is installed. */
    public static Optional<Path> library() throws IOException {
        return library(Path.of("/usr/lib"));
    }

    /** @param libraries with a directory for each architecture */
    static Optional<Path> library(Path libraries) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(libraries, Files::isDirectory)) {
            for (Path each : all) {
                if (Files.isReadable(each.resolve(NAME))) {
                    return Optional.of(each.resolve(NAME));
                }
            }
        }
        return Optional.of(libraries.resolve(NAME)).filter(Files::isReadable);
    }

    /** What a server is started with. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "FAKETIME_TIMESTAMP_FILE", file.toString(),
                // The file is read once a second.
                "FAKETIME_CACHE_DURATION", "1",
                "DONT_FAKE_MONOTONIC", "1",
                // Else the JVM's timed waits end at once.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0",
                "NO_FAKE_STAT", "1");
    }

    /** From a second from now on, it is so much later than it is; earlier if negative. */
    public void set(Duration ahead) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(beside, text(ahead));
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static String text(Duration ahead) {
        return String.format(Locale.ROOT, "%+d%n", ahead.toSeconds());
    }
}
