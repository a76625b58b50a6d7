package io.loggregator.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of {@code docs/protocols.md} about what clients depend on names the tests of it, all of them. */
class ClientBehaviourDocumentTest {
    private static final Path ROOT = Path.of("..");
    private static final String HEADING = "| # | behaviour | for the sake of | tests |";
    private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| .* \\| .* \\| (.*) \\|");
    private static final Pattern NAME = Pattern.compile("`(\\w+\\.\\w+)`");
    /** A display name that begins with the numbers, and the method that has it. */
    private static final Pattern NAMED =
            Pattern.compile("@DisplayName\\(\\s*\"compatibility ([\\d, and]+):[^)]*\\)\\s+(?:@\\w+\\s+)*"
                    + "(?:private |static )*[\\w<>]+ (\\w+)\\(");

    @Test
    void theTableNamesTheTestsThatNameItsRows() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("docs/protocols.md"));
        Map<Integer, Set<String>> told = new TreeMap<>();
        lines.stream()
                .skip(lines.indexOf(HEADING) + 2L)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> ROW.matcher(line).results().findFirst().orElseThrow())
                .forEach(row -> told.put(
                        Integer.valueOf(row.group(1)),
                        NAME.matcher(row.group(2))
                                .results()
                                .map(name -> name.group(1))
                                .collect(Collectors.toCollection(TreeSet::new))));
        assertThat(told.keySet())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
        assertThat(told.values()).noneMatch(Set::isEmpty);
        assertThat(told).isEqualTo(tests());
    }

    /** By number, the tests that name it. */
    private static Map<Integer, Set<String>> tests() throws IOException {
        Map<Integer, Set<String>> tests = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            modules.map(module -> module.resolve("src/test/java"))
                    .filter(Files::isDirectory)
                    .flatMap(ClientBehaviourDocumentTest::javaFiles)
                    .forEach(file -> {
                        String type = file.getFileName().toString().replace(".java", "");
                        for (MatchResult named :
                                NAMED.matcher(content(file)).results().toList()) {
                            Stream.of(named.group(1).split("\\D+"))
                                    .map(Integer::valueOf)
                                    .forEach(number -> tests.computeIfAbsent(number, first -> new TreeSet<>())
                                            .add(type + "." + named.group(2)));
                        }
                    });
        }
        return tests;
    }

    private static Stream<Path> javaFiles(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith("Test.java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
