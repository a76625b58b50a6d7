package io.loggregator.nozzles.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NozzleCommandTest {
    private static final Map<String, String> ENOUGH =
            Map.of("LOGGREGATOR_ADDR", "wss://doppler.example.org:443", "PAPER_SIZE", "4");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** Prints on paper. */
    private static final class Paper implements NozzleProgram {
        static final Setting<Integer> SIZE =
                Setting.integer("PAPER_SIZE", 4, 0, 10, "size of the paper").required();

        @Override
        public String name() {
            return "paper";
        }

        @Override
        public String description() {
            return "Prints 100% of it.";
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of(SIZE);
        }

        @Override
        public Destination open(Settings settings) {
            throw new AssertionError("nothing is to be opened here");
        }
    }

    @Test
    void helpListsEverySettingTheNozzlesOwnFirst() {
        assertThat(run(Map.of(), "--help")).isEqualTo(ExitCodes.OK);
        String help = out.toString(StandardCharsets.UTF_8);
        assertThat(help).contains("loggregator nozzle paper", "Prints 100% of it.");
        int last = help.indexOf("  PAPER_SIZE  (required)");
        assertThat(last).isPositive();
        for (Setting<?> setting : NozzleSettings.of(new Paper())) {
            assertThat(help.indexOf("\n  " + setting.name())).as(setting.name()).isGreaterThanOrEqualTo(last - 1);
        }
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        assertThat(run(Map.of(
                        "LOGGREGATOR_CERT_FILE", "pom.xml",
                        "LOGGREGATOR_INSECURE_TRUST", "perhaps",
                        "LOGGREGATOR_TOKEN", "a secret",
                        "UAA_ADDR", "https://uaa.example.org")))
                .isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("cannot start", "PAPER_SIZE", "LOGGREGATOR_ADDR", "LOGGREGATOR_KEY_FILE")
                .contains("LOGGREGATOR_INSECURE_TRUST", "UAA_CLIENT_ID", "UAA_CLIENT_SECRET", "LOGGREGATOR_TOKEN")
                .doesNotContain("a secret");
    }

    @ParameterizedTest
    @CsvSource({
        "LOGGREGATOR_ADDR, doppler.example.org",
        "LOGGREGATOR_ADDR, ftp://doppler.example.org",
        "LOGGREGATOR_ADDR, wss://doppler.example.org/firehose/x",
        "LOGGREGATOR_ADDR, wss://me@doppler.example.org",
        "LOGGREGATOR_ADDR, wss://a host",
        "CF_API_ADDR, https://api.example.org",
        "NOZZLE_SUBSCRIPTION_ID, a/b",
        "NOZZLE_APP_ID, ..",
        "UAA_REFRESH_TOKEN, x",
        "NOZZLE_BUFFER, 1"
    })
    void whatCannotBeUsedIsRefused(String name, String value) {
        Map<String, String> environment = new HashMap<>(ENOUGH);
        environment.put(name, value);
        assertThat(run(environment, "--check")).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("cannot start");
    }

    @Test
    void severalConnectionsAreForTheFirehose() {
        Map<String, String> environment = new HashMap<>(ENOUGH);
        environment.put("NOZZLE_CONNECTIONS", "2");
        assertThat(run(environment, "--check")).isEqualTo(ExitCodes.OK);
        environment.put("NOZZLE_APP_ID", "my-app");
        assertThat(run(environment, "--check")).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("NOZZLE_CONNECTIONS");
    }

    @Test
    void settingsAreReadFromAFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("paper.yml");
        Files.writeString(file, "PAPER_SIZE: 3\nLOGGREGATOR_ADDR: ws://127.0.0.1:8081\n");
        assertThat(run(Map.of(), "--settings", file.toString(), "--check")).isEqualTo(ExitCodes.OK);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("settings are good\n");
    }

    @Test
    void anOptionThatThereIsNotIsAnErrorOfUsage() {
        assertThat(run(ENOUGH, "--colour")).isEqualTo(ExitCodes.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--colour", "nozzle paper --help");
    }

    private int run(Map<String, String> environment, String... args) {
        return NozzleCommand.run(
                new Paper(),
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                running -> {},
                args);
    }
}
