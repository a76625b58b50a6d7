package io.loggregator.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can only be seen in the sources. */
class SourcesTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int LONGEST = 500;
    private static final String PACKAGE = "package-info.java";
    private static final Pattern PARAGRAPH = Pattern.compile("(?s)^/\\*\\*.{20,}?\\*/\\s*package .*");
    private static final Pattern WAITS_BLINDLY =
            Pattern.compile("\\bThread[.]sleep\\(|\\bTimeUnit[.][A-Z]+[.]sleep\\(");

    private static final Pattern OURS =
            Pattern.compile("(?m)^import (?:static )?((?:io[.]loggregator|org[.]cloudfoundry)[.].*);");
    private static final Pattern NOZZLES_KNOW = Pattern.compile(
            "io[.]loggregator[.](nozzle|nozzles[.]runner|node[.](process|settings)|wire)[.]|org[.]cloudfoundry[.]loggregator[.]v2[.]");

    @Test
    void noFileIsLongerThanFiveHundredLines() throws IOException {
        assertThat(offending("", source -> lines(source) > LONGEST)).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        assertThat(offending(
                        "main/java",
                        source -> !Files.isRegularFile(source.resolveSibling(PACKAGE))
                                || !PARAGRAPH
                                        .matcher(content(source.resolveSibling(PACKAGE)))
                                        .matches()))
                .isEmpty();
    }

    @Test
    void testsWaitForEventsAndNotForTime() throws IOException {
        assertThat(offending(
                        "test/java",
                        source -> WAITS_BLINDLY.matcher(content(source)).find()))
                .isEmpty();
    }

    /** The tests of the modules cannot see the nozzles, each of which has libraries of its own. */
    @Test
    void nozzlesKnowTheLibraryAndTheirRunnerButNoServerAndNoOtherNozzle() throws IOException {
        assertThat(offending("main/java", source -> {
                    Path path = ROOT.relativize(source);
                    return path.startsWith("nozzles")
                            && OURS.matcher(content(source))
                                    .results()
                                    .map(name -> name.group(1))
                                    .anyMatch(name -> !NOZZLES_KNOW
                                                    .matcher(name)
                                                    .lookingAt()
                                            && !name.startsWith("io.loggregator.nozzles."
                                                    + path.getName(1).toString().replace("-", "") + "."));
                }))
                .isEmpty();
    }

    /** Java files of all modules, below {@code src/} and what is given, for which the condition holds. */
    private static List<String> offending(String below, Predicate<Path> condition) throws IOException {
        List<Path> sources;
        try (Stream<Path> modules = Files.walk(ROOT, 2)) {
            sources = modules.filter(module -> Files.exists(module.resolve("pom.xml")))
                    .map(module -> module.resolve("src").resolve(below))
                    .filter(Files::isDirectory)
                    .flatMap(SourcesTest::javaFiles)
                    .toList();
        }
        assertThat(sources).as("sources in %s", ROOT).isNotEmpty();
        return sources.stream()
                .filter(condition)
                .map(source -> ROOT.relativize(source).toString())
                .sorted()
                .toList();
    }

    private static Stream<Path> javaFiles(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long lines(Path source) {
        return content(source).lines().count();
    }

    private static String content(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
