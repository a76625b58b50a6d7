package io.loggregator.rehearsal.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a JVM that looks up there. */
@Timeout(60)
class HostsFileTest {
    private static final String NAME = "doppler.rehearsal";

    @TempDir
    private Path directory;

    private HostsFile file;
    private Process asking;
    private BufferedReader answers;

    /** A JVM of its own, since where names are looked up is settled when a JVM starts. Tells what a name stands for when asked. */
    static final class Asking {
        private Asking() {}

        public static void main(String[] arguments) throws IOException {
            java.security.Security.setProperty("networkaddress.cache.ttl", "0");
            java.security.Security.setProperty("networkaddress.cache.negative.ttl", "0");
            BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String name = names.readLine(); name != null; name = names.readLine()) {
                try {
                    System.out.println(Arrays.stream(java.net.InetAddress.getAllByName(name))
                            .map(java.net.InetAddress::getHostAddress)
                            .toList());
                } catch (java.net.UnknownHostException unknown) {
                    System.out.println("unknown");
                }
            }
        }
    }

    @BeforeEach
    void start() throws IOException {
        file = new HostsFile(directory.resolve("hosts"), Map.of(NAME, "127.0.0.1", "other.rehearsal", "127.0.0.1"));
        asking = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        file.javaOption(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Asking.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = asking.inputReader(StandardCharsets.UTF_8);
    }

    @AfterEach
    void end() {
        asking.destroyForcibly();
    }

    private CompletableFuture<String> ask() throws IOException {
        asking.getOutputStream().write((NAME + "\n").getBytes(StandardCharsets.UTF_8));
        asking.getOutputStream().flush();
        return CompletableFuture.supplyAsync(() -> {
            try {
                return answers.readLine();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Test
    void aNameStandsForWhatItIsToldTo() throws Exception {
        assertThat(ask().get()).isEqualTo("[127.0.0.1]");

        file.answer(NAME, List.of("127.0.0.3", "127.0.0.2"));
        assertThat(ask().get()).isEqualTo("[127.0.0.3, 127.0.0.2]");

        file.answer(NAME, List.of());
        assertThat(ask().get()).isEqualTo("unknown");
    }

    @Test
    void whoLooksUpWhileItHangsWaits() throws Exception {
        assertThat(ask().get()).isEqualTo("[127.0.0.1]");

        file.hang();
        CompletableFuture<String> waiting = ask();
        assertThat(waiting.completeOnTimeout("waits", 500, TimeUnit.MILLISECONDS)
                        .get())
                .isEqualTo("waits");

        file.answerAgain();
        assertThat(ask().get()).isIn("unknown", "[127.0.0.1]");
        assertThat(ask().get()).isEqualTo("[127.0.0.1]");
    }
}
