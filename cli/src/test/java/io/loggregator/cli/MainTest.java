package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.loggregator.node.process.ExitCodes;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @Test
    void helpGoesToStandardOutputAndNamesEveryCommand() {
        CommandRun help = CommandRun.of("--help");
        assertThat(help.status()).isZero();
        assertThat(help.out())
                .contains(
                        "doppler",
                        "traffic-controller",
                        "rlp",
                        "tail",
                        "firehose",
                        "emit",
                        "traffic",
                        "ledger",
                        "top",
                        "certs",
                        "token")
                .doesNotContain("class-data");
        assertThat(help.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "doppler",
                "traffic-controller",
                "rlp",
                "tail",
                "firehose",
                "emit",
                "traffic",
                "ledger",
                "top",
                "certs",
                "token"
            })
    void everyCommandHasHelp(String command) {
        CommandRun help = CommandRun.of(command, "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).startsWith("Usage: loggregator " + command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"doppler", "traffic-controller", "rlp"})
    void theHelpOfAServerListsItsSettings(String server) {
        CommandRun help = CommandRun.of(server, "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out())
                .contains(String.format("%nSettings, from the environment or the file:%n%n"), "STOP_TIMEOUT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"doppler", "traffic-controller", "rlp"})
    void aServerWithoutArgumentsEndsAsOneWithThemWhenItsSettingsAreWrong(String server) {
        Map<String, String> environment = Map.of("STOP_TIMEOUT", "soon");
        CommandRun bare = CommandRun.with(environment, server);
        CommandRun checked = CommandRun.with(environment, server, "--check");
        assertThat(bare.status()).isEqualTo(ExitCodes.CONFIGURATION).isEqualTo(checked.status());
        assertThat(bare.err()).contains("cannot start:", "STOP_TIMEOUT").isEqualTo(checked.err());
    }

    @Test
    void versionNamesTheProgramAndItsJava() {
        CommandRun version = CommandRun.of("--version");
        assertThat(version.status()).isZero();
        assertThat(version.out()).startsWith("loggregator ").contains("Java " + System.getProperty("java.version"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tial", "--nonsense"})
    void aWrongCommandLineShowsTheUsageOnStandardError(String args) {
        CommandRun wrong = CommandRun.of(args.isEmpty() ? new String[0] : new String[] {args});
        assertThat(wrong.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(wrong.err()).contains("Usage: loggregator");
        assertThat(wrong.out()).isEmpty();
    }

    @Test
    void aWrongOptionOfACommandShowsItsSynopsis() {
        CommandRun wrong = CommandRun.of("tail", "x", "--max", "0");
        assertThat(wrong.status()).isEqualTo(ExitCodes.USAGE);
        assertThat(wrong.err()).contains("--max must be 1 or more, not 0").contains("Usage: loggregator tail");
    }
}
