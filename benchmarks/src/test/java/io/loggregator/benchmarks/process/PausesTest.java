package io.loggregator.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.benchmarks.process.Pauses.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PausesTest {
    @TempDir
    private Path directory;

    @Test
    void findsPausesAmongWhatElseAServerSays() throws IOException {
        Path file = directory.resolve("log");
        Files.writeString(file, """
                [0.012s][info][gc] Using Serial
                grpc bound to: 127.0.0.1:8082
                [12.345s][info][gc] GC(3) Pause Young (Allocation Failure) 70M->20M(247M) 3.456ms
                [0.5s] something of Pause 1.0ms
                [99.001s][info][gc] GC(4) Pause Full (Metadata GC Threshold) 30M->10M(60M) 41.000ms
                """);

        assertThat(Pauses.in(file))
                .containsExactly(
                        new Pause(12.345, "Young (Allocation Failure) 70M->20M(247M)", 3.456),
                        new Pause(99.001, "Full (Metadata GC Threshold) 30M->10M(60M)", 41));
    }
}
