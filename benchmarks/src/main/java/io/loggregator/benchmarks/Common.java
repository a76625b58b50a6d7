package io.loggregator.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.loggregator.benchmarks.report.Page;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of everything that puts load on a Doppler and a Traffic Controller. */
final class Common {
    private static final int MOST_CONNECTIONS = 100;
    private static final int MOST_SECONDS = 3600;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--launcher", required = true, hidden = true, description = "The program that starts the servers.")
    private Path launcher;

    @Option(names = "--commit", hidden = true, description = "Of the sources.")
    private String commit = "unknown";

    @Option(names = "--batch", paramLabel = "N", description = "Envelopes in a batch.")
    private int batch = 100;

    @Option(names = "--connections", paramLabel = "N", description = "The generator's connections, 1 to 100.")
    private int connections = 4;

    @Option(names = "--event-loops", paramLabel = "N", description = "Of each server; 0 = the servers' default.")
    private int eventLoops;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there, too.")
    private Path json;

    @Option(
            names = "--markdown",
            paramLabel = "FILE",
            description = "Write the tables there, or to their place in that page.")
    private Path markdown;

    Path launcher() {
        return launcher;
    }

    String commit() {
        return commit;
    }

    int batch() {
        return inRange("--batch", batch, 1, 10_000);
    }

    int connections() {
        return inRange("--connections", connections, 1, MOST_CONNECTIONS);
    }

    int eventLoops() {
        return inRange("--event-loops", eventLoops, 0, 1_000);
    }

    int inRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ParameterException(command.commandLine(), option + " is " + least + " to " + most);
        }
        return value;
    }

    /** A time of a measurement: 1 second to an hour. */
    Duration seconds(String option, int value) {
        return Duration.ofSeconds(inRange(option, value, 1, MOST_SECONDS));
    }

    /**
     * Writes what was found where that is wanted.
     *
     * @param name of the place in a page
     */
    void write(String name, String page, JsonNode found) throws IOException {
        if (json != null) {
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), found);
        }
        if (markdown != null) {
            new Page(name).write(markdown, page);
        }
    }
}
