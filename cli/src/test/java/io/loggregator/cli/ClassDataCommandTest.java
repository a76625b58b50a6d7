package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own, as it ends by ending the process. */
@Timeout(120)
class ClassDataCommandTest {
    @TempDir
    private Path temporary;

    @Test
    void serversStartAndAnEnvelopeComesThroughAndNothingIsLeft() throws Exception {
        Path said = temporary.resolve("said");
        Path files = Files.createDirectory(temporary.resolve("files"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + files,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "class-data")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS)).as("ends").isTrue();
            assertThat(process.exitValue()).as(Files.readString(said)).isZero();
            assertThat(said).content().contains("linked to Doppler", " sent in ");
            assertThat(files).isEmptyDirectory();
        } finally {
            process.destroyForcibly();
        }
    }
}
