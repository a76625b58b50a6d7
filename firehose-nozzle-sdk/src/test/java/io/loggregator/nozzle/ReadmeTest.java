package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import io.loggregator.nozzle.testkit.ScriptedStream;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The nozzles that the documents show, compiled and run as they stand there. */
class ReadmeTest {
    private static final Pattern CODE = Pattern.compile("(?s)```java\n(.*?)```");

    @Test
    void theNozzleOfTheReadmePrintsLinesAndAcknowledgesThem(@TempDir Path directory) throws Exception {
        String code = block(Path.of("../README.md"));
        assertThat(code.lines().filter(line -> !line.isBlank() && !line.startsWith("import")))
                .as("a short nozzle")
                .hasSizeLessThanOrEqualTo(15);
        Path source = Files.writeString(directory.resolve("MyNozzle.java"), code);
        try (LoggregatorEndpoint server = LoggregatorEndpoint.start()) {
            server.accept("secret");
            ScriptedStream stream = server.firehose("my-nozzle");
            Process nozzle = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            source.toString(),
                            server.uri().toString(),
                            "secret")
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = nozzle.inputReader()) {
                stream.send(Platform.log("app", "hello"), Platform.counter("router", "requests", 1));
                assertThat(output.lines().anyMatch("hello"::equals)).isTrue();
                stream.awaitAcknowledged(2);
            } finally {
                nozzle.destroy();
                assertThat(nozzle.waitFor(20, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static String block(Path document) throws Exception {
        Matcher code = CODE.matcher(Files.readString(document));
        assertThat(code.find()).as("a block of Java in %s", document).isTrue();
        return code.group(1);
    }
}
