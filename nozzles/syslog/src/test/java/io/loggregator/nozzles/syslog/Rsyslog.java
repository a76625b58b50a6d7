package io.loggregator.nozzles.syslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real rsyslog on loopback, which writes each message's fields to a file, a line a message. */
public final class Rsyslog implements AutoCloseable {
    /** With this system property an rsyslog that is not installed is a failure, and no reason to skip. */
    private static final String REQUIRED = "loggregator.receivers.required";

    private static final Path PROGRAM = Path.of("/usr/sbin/rsyslogd");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path directory;
    private final String driver;
    private final String options;
    private Process process;
    private int port;

    /**
     * @param driver how the module is to talk TLS; empty: not at all
     * @param options what that needs
     */
    private Rsyslog(Path directory, String driver, String options) {
        this.directory = directory;
        this.driver = driver;
        this.options = options;
    }

    /** In plain text, on any free port. */
    public static Rsyslog plain(Path directory) throws IOException {
        return new Rsyslog(directory, "", "").start();
    }

    /** By TLS; asks for a certificate of the same authority. */
    static Rsyslog tls(Path directory, Path authority, Path certificate, Path key) throws IOException {
        require(hasModule("lmnsd_ossl.so"), "rsyslog-openssl");
        return new Rsyslog(
                        directory,
                        "streamdriver.name=\"ossl\" streamdriver.mode=\"1\" streamdriver.authmode=\"x509/certvalid\"",
                        """
                        global(defaultNetstreamDriverCAFile="%s"
                               defaultNetstreamDriverCertFile="%s" defaultNetstreamDriverKeyFile="%s")
                        """.formatted(authority, certificate, key))
                .start();
    }

    private static boolean hasModule(String name) throws IOException {
        if (!Files.isDirectory(Path.of("/usr/lib"))) {
            return false;
        }
        try (var libraries = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-gnu*")) {
            for (Path library : libraries) {
                if (Files.exists(library.resolve("rsyslog").resolve(name))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void require(boolean installed, String packageName) {
        if (!installed && Boolean.getBoolean(REQUIRED)) {
            throw new AssertionError(packageName + " is not installed");
        }
        assumeTrue(installed, packageName + " is not installed; on Debian: apt-get install " + packageName);
    }

    private Rsyslog start() throws IOException {
        require(Files.isExecutable(PROGRAM), "rsyslog");
        Path portFile = directory.resolve("port");
        Files.deleteIfExists(portFile);
        Path configuration = directory.resolve("rsyslog.conf");
        Files.writeString(configuration, """
                global(workDirectory="%1$s" maxMessageSize="128k")
                %2$s
                module(load="imtcp" %3$s)
                input(type="imtcp" address="127.0.0.1" port="%4$d" listenPortFileName="%5$s")
                template(name="fields" type="list" option.jsonf="on") {
                    property(outname="pri" name="pri" format="jsonf")
                    property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
                    property(outname="host" name="hostname" format="jsonf")
                    property(outname="app" name="app-name" format="jsonf")
                    property(outname="process" name="procid" format="jsonf")
                    property(outname="data" name="structured-data" format="jsonf")
                    property(outname="text" name="msg" format="jsonf")
                }
                action(type="omfile" file="%6$s" template="fields")
                """.formatted(
                        directory, options, driver, port, portFile, directory.resolve("messages")));
        process = new ProcessBuilder(
                        PROGRAM.toString(),
                        "-n",
                        "-f",
                        configuration.toString(),
                        "-i",
                        directory.resolve("rsyslog.pid").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("said").toFile())
                .start();
        boolean again = port != 0;
        await().atMost(LIMIT).until(() -> {
            assertThat(process.isAlive()).as(said()).isTrue();
            // It tells the port that it chose, but not one that it was given.
            return again ? listens() : Files.exists(portFile) && Files.size(portFile) > 0;
        });
        port = again ? port : Integer.parseInt(Files.readString(portFile).strip());
        return this;
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private String said() throws IOException {
        return Files.readString(directory.resolve("said"));
    }

    public int port() {
        return port;
    }

    /** All messages so far: JSON objects. */
    public List<String> messages() throws IOException {
        Path file = directory.resolve("messages");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /** Waits for so many messages, and returns all. */
    List<String> awaitMessages(int count) {
        return await().atMost(LIMIT).until(this::messages, lines -> lines.size() >= count);
    }

    /** Kills it. */
    void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Starts it again, on the same port. */
    void startAgain() throws IOException {
        start();
    }

    @Override
    public void close() {
        kill();
    }
}
