package io.loggregator.benchmarks.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is told of how a server was started. */
class ServerTest {
    @Test
    void theFlagsAreWhatIsBeforeTheProgramWithoutTheFoldersOfThisMachine() {
        String commandLine = String.join(
                "\0",
                "/usr/bin/java",
                "-Xmx256m",
                "-XX:SharedArchiveFile=/some/folder/loggregator.jsa",
                "-jar",
                "x.jar",
                "doppler");
        assertThat(Server.flags(commandLine)).isEqualTo("-Xmx256m -XX:SharedArchiveFile=loggregator.jsa");
    }
}
