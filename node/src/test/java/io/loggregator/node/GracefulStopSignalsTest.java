package io.loggregator.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.loggregator.node.process.ExitCodes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.slf4j.LoggerFactory;

/** Sends real signals to a process that stops gracefully. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(60)
class GracefulStopSignalsTest {
    private Process process;
    private BufferedReader output;

    @AfterEach
    void end() {
        process.destroyForcibly();
    }

    @Test
    void sigtermRunsTheStepsAndExitsWithZero() throws Exception {
        start("quick");
        signal("TERM");
        assertThat(output.readLine()).isEqualTo("step ran");
        assertThat(exitCode()).isEqualTo(ExitCodes.OK);
    }

    @Test
    void sigintDoesTheSame() throws Exception {
        start("quick");
        signal("INT");
        assertThat(output.readLine()).isEqualTo("step ran");
        assertThat(exitCode()).isEqualTo(ExitCodes.OK);
    }

    @Test
    void aStepThatOverrunsMakesTheExitCodeOne() throws Exception {
        start("hanging", "PT0.2S");
        signal("TERM");
        assertThat(exitCode()).isEqualTo(ExitCodes.STOP_INCOMPLETE);
    }

    @Test
    void aSecondSigintEndsTheProcessAtOnce() throws Exception {
        start("hanging", "PT1H");
        signal("INT");
        assertThat(output.readLine()).isEqualTo("step hangs");
        signal("TERM");
        signal("INT");
        assertThat(exitCode()).isEqualTo(ExitCodes.INTERRUPTED);
    }

    @Test
    void anOrderlyEndOfTheJvmByOtherMeansRunsTheStepsToo() throws Exception {
        start("exiting");
        assertThat(output.readLine()).isEqualTo("step ran");
        assertThat(exitCode()).isEqualTo(3);
    }

    private void start(String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Server.class.getName());
        builder.command().addAll(List.of(arguments));
        process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        while (line != null && !line.equals("up")) {
            line = output.readLine();
        }
        assertThat(line).isEqualTo("up");
    }

    private void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    private int exitCode() throws InterruptedException {
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** The process under test. It prints nothing but what the tests read. */
    static final class Server {
        private Server() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws InterruptedException {
            ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
            CountDownLatch never = new CountDownLatch(1);
            GracefulStop stop = new GracefulStop(Duration.parse(arguments.length > 1 ? arguments[1] : "PT30S"));
            stop.blockingStep("step", () -> {
                if (!arguments[0].equals("hanging")) {
                    System.out.println("step ran");
                    return;
                }
                System.out.println("step hangs");
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            stop.onSignals();
            System.out.println("up");
            if (arguments[0].equals("exiting")) {
                System.exit(3);
            }
            never.await();
        }
    }
}
