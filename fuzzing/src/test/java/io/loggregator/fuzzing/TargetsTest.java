package io.loggregator.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fuzzer began with, what it has found so far, and a few thousand changes of both. */
class TargetsTest {
    /** One directory for each target, one file for each input that was once answered wrongly. */
    private static final Path FINDINGS = Path.of("src/test/resources/findings");

    private static final int CHANGES = 300;

    static Stream<Targets.Target> targets() {
        return Targets.ALL.stream();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void everySeedAndFindingIsAnsweredAsItShouldBe(Targets.Target target) throws Exception {
        Random random = new Random(4711);
        List<byte[]> inputs = Stream.concat(target.seeds().stream(), findings(target).stream())
                .toList();
        for (byte[] input : inputs) {
            target.input().take(input);
            for (int i = 0; i < CHANGES && input.length > 0; i++) {
                byte[] changed = input.clone();
                for (int n = 1 + random.nextInt(3); n > 0; n--) {
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt();
                }
                target.input().take(changed);
            }
        }
    }

    @Test
    void everyFindingBelongsToATarget() throws IOException {
        if (Files.exists(FINDINGS)) {
            try (Stream<Path> directories = Files.list(FINDINGS)) {
                assertThat(directories.map(path -> path.getFileName().toString()))
                        .isSubsetOf(
                                Targets.ALL.stream().map(Targets.Target::name).toList());
            }
        }
    }

    private static List<byte[]> findings(Targets.Target target) throws IOException {
        Path directory = FINDINGS.resolve(target.name());
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().map(TargetsTest::bytes).toList();
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
