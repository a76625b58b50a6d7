package io.loggregator.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/load-balancers.md} tells about the files that the tests run, and about everything that can be set there. */
class LoadBalancerDocumentTest {
    private static final Path ROOT = Files.isDirectory(Path.of("deploy")) ? Path.of("") : Path.of("..");
    private static final Pattern VARIABLE = Pattern.compile("(?m)^\\s*presetenv (\\w+) (\\S+)$");

    @Test
    void everyFileIsLinked() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/load-balancers.md"));
        for (String file : new String[] {"haproxy.cfg", "nginx.conf", "route-services.map"}) {
            assertThat(ROOT.resolve("deploy/edge").resolve(file)).isRegularFile();
            assertThat(document).contains("](../deploy/edge/" + file + ")");
        }
    }

    @Test
    void everyVariableAndItsDefaultAreInTheTable() throws IOException {
        String document = Files.readString(ROOT.resolve("docs/load-balancers.md"));
        Stream<Matcher> variables = Files.readAllLines(ROOT.resolve("deploy/edge/haproxy.cfg")).stream()
                .map(VARIABLE::matcher)
                .filter(Matcher::find);
        assertThat(variables)
                .hasSizeGreaterThan(5)
                .allSatisfy(variable -> assertThat(document)
                        .contains("\n| `" + variable.group(1) + "` | `" + variable.group(2) + "` |"));
    }
}
