package io.loggregator.rehearsal.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.loggregator.benchmarks.process.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorsTest {
    @TempDir
    private Path directory;

    @Test
    void aProcessMayOpenLittleMoreUntilTheActionEnds() throws Exception {
        try (Server process = new Server(List.of("sleep", "60"), "sleeper", Map.of(), directory.resolve("said"))) {
            long before = limit(process);

            Descriptors.scarce(process, 5, () -> assertThat(limit(process)).isBetween(5L, 20L));
            assertThat(limit(process)).isEqualTo(before);

            assertThatThrownBy(() -> Descriptors.scarce(process, 5, () -> {
                        throw new IOException("of the action");
                    }))
                    .hasMessage("of the action");
            assertThat(limit(process)).isEqualTo(before);
        }
    }

    private static long limit(Server process) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .mapToLong(line -> Long.parseLong(line.split(" {2,}")[1]))
                .findFirst()
                .orElseThrow();
    }
}
