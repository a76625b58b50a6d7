package io.loggregator.nozzle.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/nozzles.md} shows what is compiled and run here. */
class GuideTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "nozzles.md");
    private static final Path SOURCES = Path.of("src", "test", "java", "io", "loggregator", "nozzle", "guide");

    @Test
    void theExampleOfATestIsOne() throws IOException {
        assertThat(Files.readString(DOCUMENT))
                .contains(shown("ErrorCounterTest", "class ErrorCounterTest")
                        .lines()
                        .map(line -> line.isEmpty() ? line : "    " + line)
                        .collect(Collectors.joining("\n")));
    }

    @Test
    void whatIsShownBesideOtherLibrariesIsWhatTheTestsRun() throws IOException {
        assertThat(Files.readString(DOCUMENT))
                .contains("```java\n" + shown("FromNoaa", "final class FromNoaa") + "```")
                .contains("```java\n" + shown("FromCfJavaClient", "final class FromCfJavaClient") + "```");
    }

    private static String shown(String name, String from) throws IOException {
        String source = Files.readString(SOURCES.resolve(name + ".java"));
        return source.substring(source.indexOf(from));
    }
}
