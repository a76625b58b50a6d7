package io.loggregator.rehearsal.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WallClockTest {
    @TempDir
    private Path directory;

    @Test
    void isRightUntilItIsSet() throws Exception {
        Path file = directory.resolve("clock");
        WallClock clock = new WallClock(Path.of("library"), file);
        assertThat(file).hasContent("+0\n");

        clock.set(Duration.ofHours(2));
        assertThat(file).hasContent("+7200\n");

        clock.set(Duration.ofHours(-2));
        assertThat(file).hasContent("-7200\n");
        assertThat(directory).isDirectoryContaining(each -> each.equals(file));
        try (var all = Files.list(directory)) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void isTheServersAloneAndLeavesTimersAsTheyAre() throws Exception {
        assertThat(new WallClock(Path.of("library"), directory.resolve("clock")).environment())
                .containsEntry("LD_PRELOAD", "library")
                .containsEntry("DONT_FAKE_MONOTONIC", "1")
                .containsEntry("FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    @Test
    void findsTheLibraryOfAnyArchitecture() throws Exception {
        assertThat(WallClock.library(directory)).isEmpty();
        Path library = directory.resolve("some-linux-gnu/faketime/libfaketime.so.1");
        Files.createDirectories(library.getParent());
        Files.createFile(library);

        assertThat(WallClock.library(directory)).contains(library);
    }
}
