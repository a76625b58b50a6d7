package io.loggregator.trafficcontroller.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The file of the security event log. */
@Timeout(60)
class SecurityEventFileTest {
    private final AtomicLong lost = new AtomicLong();

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("events.log");
    }

    @Test
    void linesAreAppendedInOrder() throws IOException {
        Files.writeString(path, "before\n");
        List<String> lines =
                IntStream.range(0, 20_000).mapToObj(i -> "line " + i).toList();
        try (SecurityEventFile file = open()) {
            lines.forEach(file::append);
        }
        List<String> written = Files.readAllLines(path);
        assertThat(written.get(0)).isEqualTo("before");
        assertThat(written.subList(1, written.size())).isEqualTo(lines);
        assertThat(lost).hasValue(0);
    }

    @Test
    void aFileThatWasRenamedOrRemovedIsMadeAgain() throws IOException {
        Path old = directory.resolve("events.log.1");
        try (SecurityEventFile file = open()) {
            file.append("one");
            awaitContent(path, "one\n");
            Files.move(path, old);
            file.append("two");
            awaitContent(path, "two\n");
            Files.delete(path);
            file.append("three");
            awaitContent(path, "three\n");
            // logrotate's "create" makes the new file itself.
            Files.move(path, directory.resolve("events.log.2"));
            Files.createFile(path);
            file.append("four");
            awaitContent(path, "four\n");
        }
        assertThat(old).hasContent("one\n");
        assertThat(lost).hasValue(0);
    }

    @Test
    void whatCannotBeWrittenIsCountedAndTheRestGoesOn() throws IOException {
        try (SecurityEventFile file = open()) {
            file.append("one");
            awaitContent(path, "one\n");
            Files.delete(path);
            Files.createDirectory(path);
            file.append("two");
            await().atMost(Duration.ofSeconds(30)).until(() -> lost.get() == 1);
            Files.delete(path);
            file.append("three");
            awaitContent(path, "three\n");
        }
        assertThat(lost).hasValue(1);
    }

    @Test
    void onAFullDiskLinesAreLostUntilThereIsRoom() throws IOException {
        Files.createSymbolicLink(path, Path.of("/dev/full"));
        try (SecurityEventFile file = open()) {
            file.append("one");
            await().atMost(Duration.ofSeconds(30)).until(() -> lost.get() == 1);
            Files.delete(path);
            file.append("two");
            awaitContent(path, "two\n");
        }
        assertThat(lost).hasValue(1);
    }

    @Test
    void nobodyWaitsForADiskThatStands() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        String line = "x".repeat(64 << 10);
        int lines = 2 * SecurityEventFile.USUAL_WAITING_BYTES / line.length();
        // A pipe that is opened but not read takes 64 KiB, then no more.
        Process reader = new ProcessBuilder("sh", "-c", "exec 3<\"$1\"; cat", "reader", path.toString()).start();
        try (SecurityEventFile file = open()) {
            for (int i = 0; i < lines; i++) {
                file.append(line);
            }
            assertThat(lost.get()).isBetween(lines / 2L - 3, (long) lines / 2);
        } finally {
            reader.destroyForcibly().waitFor();
        }
    }

    @Test
    void aFileThatCannotBeMadeIsToldAtOnce() {
        path = directory.resolve("missing/events.log");
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("missing");
    }

    private SecurityEventFile open() throws IOException {
        return new SecurityEventFile(path, SecurityEventFile.USUAL_WAITING_BYTES, lost::addAndGet);
    }

    private static void awaitContent(Path path, String content) {
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> Files.readString(path).equals(content));
    }
}
