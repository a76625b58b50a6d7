package io.loggregator.rehearsal.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Hosts {@code a} and {@code b}, made by a process that is in a network of its own; on machines where that may be. */
@Timeout(120)
class HostsTest {
    private static final int PORT = 7000;
    private static final int SOON_MILLIS = 1_000;
    private static final int AT_LAST_MILLIS = 30_000;

    private Process process;
    private BufferedReader answers;

    @BeforeEach
    void begin() throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "own-network"));
        command.addAll(java(Within.class));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader(StandardCharsets.UTF_8);
        assumeThat(answers.readLine()).isEqualTo("ready");
    }

    @AfterEach
    void end() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private static List<String> java(Class<?> main) {
        return List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName());
    }

    private String ask(String question) throws IOException {
        OutputStream out = process.getOutputStream();
        out.write((question + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return answers.readLine();
    }

    @Test
    void serversAreReachedAndWatched() throws Exception {
        assertThat(ask("start a")).startsWith("process ");

        assertThat(ask("connect a")).isEqualTo("connected");
        assertThat(ask("echo")).isEqualTo("heard");
        assertThat(ask("watch a")).isEqualTo("connected");
        assertThat(ask("echo")).isEqualTo("heard");
    }

    @Test
    void whatIsSaidToAHostWithoutItsCableIsLateAndTheConnectionHalfOpen() throws Exception {
        ask("start a");
        ask("connect a");

        assertThat(ask("unplug a")).isEqualTo("done");
        assertThat(ask("echo")).isEqualTo("silence");
        assertThat(ask("plug a")).isEqualTo("done");
        assertThat(ask("hear")).isEqualTo("heard");
    }

    @Test
    void aHostWithoutItsCableIsWatched() throws Exception {
        ask("start a");
        ask("unplug a");

        assertThat(ask("watch a")).isEqualTo("connected");
        assertThat(ask("echo")).isEqualTo("heard");
    }

    @Test
    void aConnectionToAHostThatIsGoneIsHalfOpenUntilAnotherHasItsAddress() throws Exception {
        ask("start a");
        ask("connect a");

        ask("unplug a");
        ask("kill a");
        assertThat(ask("echo")).isEqualTo("silence");
        assertThat(ask("replace a")).isEqualTo("done");
        assertThat(ask("hear")).isEqualTo("reset");
        ask("start a");
        assertThat(ask("connect a")).isEqualTo("connected");
        assertThat(ask("echo")).isEqualTo("heard");
    }

    @Test
    void oneHostIsDeafToAnotherAndToNobodyElse() throws Exception {
        ask("start a");
        ask("start b");

        assertThat(ask("deaf a b")).isEqualTo("done");
        assertThat(ask("from b a")).isEqualTo("silence");
        assertThat(ask("connect a")).isEqualTo("connected");
        assertThat(ask("echo")).isEqualTo("heard");
        assertThat(ask("hears a")).matches("[1-9][0-9]* lost");
        assertThat(ask("from b a")).isEqualTo("connected");
    }

    @Test
    void whatRunsThereEndsWithTheProcessThatMadeThem() throws Exception {
        long pid = Long.parseLong(ask("start a").replace("process ", ""));
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();

        process.destroyForcibly();

        server.onExit().get(20, TimeUnit.SECONDS);
    }

    @Test
    void onlyPacketsOfOneSenderAreLost() {
        assertThat(Host.lossOf("10.77.0.11")).contains("hook input", "ip saddr 10.77.0.11 counter drop");
    }

    /** Makes the hosts, and does what it is asked to. */
    static final class Within {
        private final Hosts hosts;
        private Process server;
        private Socket connection;

        private Within(Hosts hosts) {
            this.hosts = hosts;
        }

        public static void main(String[] arguments) throws IOException, InterruptedException {
            List<String> network = List.of("--network", "own");
            if (!Arrays.asList(arguments).equals(network) || Hosts.lack().isPresent()) {
                System.out.println("there can be none");
                return;
            }
            try (Hosts hosts = new Hosts(List.of("a", "b"))) {
                Within within = new Within(hosts);
                System.out.println("ready");
                BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String line = questions.readLine(); line != null; line = questions.readLine()) {
                    System.out.println(within.answer(line.split(" ")));
                }
            }
        }

        private String answer(String... question) throws IOException, InterruptedException {
            String name = question.length > 1 ? question[1] : "";
            return switch (question[0]) {
                case "start" -> start(name);
                case "kill" -> done(() -> server.destroyForcibly().waitFor());
                case "from" ->
                    firstLine(run(name, Dial.class, hosts.of(question[2]).address()));
                case "connect" -> connect(hosts.of(name).address());
                case "watch" -> connect(hosts.of(name).watched());
                case "echo" -> echo();
                case "hear" -> hear(AT_LAST_MILLIS);
                case "unplug" -> done(() -> hosts.host(name).unplug());
                case "plug" -> done(() -> hosts.host(name).plug());
                case "replace" -> done(() -> hosts.replace(name));
                case "deaf" -> done(() -> hosts.host(name).deafTo(hosts.host(question[2])));
                case "hears" -> hosts.host(name).hear() + " lost";
                default -> throw new IllegalArgumentException(question[0]);
            };
        }

        private static String done(Packets.Action action) throws IOException, InterruptedException {
            action.run();
            return "done";
        }

        private String start(String name) throws IOException {
            server = run(name, Echo.class);
            firstLine(server);
            return "process " + server.pid();
        }

        private String echo() throws IOException {
            connection.getOutputStream().write('e');
            return hear(SOON_MILLIS);
        }

        private Process run(String name, Class<?> main, String... arguments) throws IOException {
            List<String> command = new ArrayList<>(hosts.of(name).entrance());
            command.addAll(java(main));
            command.addAll(Arrays.asList(arguments));
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        }

        private static String firstLine(Process of) throws IOException {
            return of.inputReader(StandardCharsets.UTF_8).readLine();
        }

        private String connect(String address) throws IOException {
            connection = new Socket();
            connection.connect(new InetSocketAddress(address, PORT), AT_LAST_MILLIS);
            return "connected";
        }

        private String hear(int millis) throws IOException {
            connection.setSoTimeout(millis);
            try {
                return connection.getInputStream().read() == 'e' ? "heard" : "end";
            } catch (SocketTimeoutException none) {
                return "silence";
            } catch (SocketException reset) {
                return "reset";
            }
        }
    }

    /** Says again what one client after the other says. */
    static final class Echo {
        private Echo() {}

        public static void main(String[] arguments) throws IOException {
            try (ServerSocket listener = new ServerSocket(PORT)) {
                System.out.println("ready");
                while (true) {
                    Socket client = listener.accept();
                    Thread echo = new Thread(() -> {
                        try (client;
                                InputStream in = client.getInputStream()) {
                            in.transferTo(client.getOutputStream());
                        } catch (IOException gone) {
                            // So is what it said.
                        }
                    });
                    echo.setDaemon(true);
                    echo.start();
                }
            }
        }
    }

    /** Tries to connect to an address. */
    static final class Dial {
        private Dial() {}

        public static void main(String[] arguments) throws IOException {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(arguments[0], PORT), SOON_MILLIS);
                System.out.println("connected");
            } catch (SocketTimeoutException none) {
                System.out.println("silence");
            }
        }
    }
}
