package io.loggregator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.tls.TlsMaterial;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(90)
class EmitCommandTest {
    @TempDir
    private Path directory;

    @Test
    void eachLineOfStandardInputIsOneLogOfTheApp() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            CommandRun emit =
                    CommandRun.reading("one\n\nthree\n", "emit", "--app", "app-1", "--addr", server.address());
            assertThat(emit.status()).as(emit::err).isZero();
            assertThat(emit.err()).matches("loggregator: 3 sent in .* s\n");
            assertThat(server.payloads()).containsExactly("one", "", "three");
            Envelope first = server.received().get(0);
            assertThat(first.getSourceId()).isEqualTo("app-1");
            assertThat(first.getInstanceId()).isEqualTo("0");
            assertThat(first.getLog().getType()).isEqualTo(Log.Type.OUT);
            assertThat(first.getTimestamp()).isGreaterThan(1_700_000_000_000_000_000L);
        }
    }

    @Test
    void linesGoInBatchesOfAHundredAtMostAndInOrder() throws Exception {
        String input =
                IntStream.range(0, 1_000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
        try (IngressServer server = IngressServer.plain()) {
            CommandRun emit = CommandRun.reading(input, "emit", "--app", "a", "--addr", server.address());
            assertThat(emit.status()).isZero();
            assertThat(server.payloads())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 1_000).mapToObj(i -> "line " + i).toList());
            assertThat(server.batchSizes()).allMatch(size -> size <= 100);
            assertThat(server.batchSizes().size()).isLessThan(500);
        }
    }

    @Test
    void aLineDoesNotWaitForOthers() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            PipedOutputStream typed = new PipedOutputStream();
            InputStream in = new PipedInputStream(typed);
            CommandRun emit = CommandRun.reading(in, "emit", "--app", "a", "--addr", server.address());
            typed.write("now\n".getBytes(StandardCharsets.UTF_8));
            typed.flush();
            await().until(() -> server.payloads().contains("now"));
            assertThat(emit.running()).isTrue();
            typed.close();
            assertThat(emit.status()).isZero();
        }
    }

    @Test
    void aLineTooLongForAV1FrameIsSentInPieces() throws Exception {
        String line = "x".repeat(150_000);
        try (IngressServer server = IngressServer.plain()) {
            CommandRun emit = CommandRun.reading(line + "\n", "emit", "--app", "a", "--addr", server.address());
            assertThat(emit.status()).isZero();
            assertThat(server.payloads()).hasSize(3);
            assertThat(String.join("", server.payloads())).isEqualTo(line);
        }
    }

    @Test
    void theEndThatGoServersGiveAStreamIsAGoodOne() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            server.endWith(Status.UNKNOWN.withDescription("EOF"));
            CommandRun emit = CommandRun.reading("x\n", "emit", "--app", "a", "--addr", server.address());
            assertThat(emit.status()).isZero();
        }
    }

    @Test
    void anyOtherErrorAtTheEndMeansThatLinesMayBeLost() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            server.endWith(Status.UNAVAILABLE.withDescription("going away"));
            CommandRun emit = CommandRun.reading("x\n", "emit", "--app", "a", "--addr", server.address());
            assertThat(emit.status()).isEqualTo(ExitCodes.UNAVAILABLE);
            assertThat(emit.err()).contains("going away").contains("may not have arrived");
        }
    }

    @Test
    void opensANewStreamWhenOneBreaks() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            PipedOutputStream typed = new PipedOutputStream();
            InputStream in = new PipedInputStream(typed);
            CommandRun emit = CommandRun.reading(in, "emit", "--app", "a", "--addr", server.address());
            typed.write("first\n".getBytes(StandardCharsets.UTF_8));
            typed.flush();
            await().until(() -> server.payloads().contains("first"));
            server.breakStreams(Status.UNAVAILABLE.withDescription("restarting"));
            await().until(() -> server.openStreams() == 0);
            typed.write("second\n".getBytes(StandardCharsets.UTF_8));
            typed.close();
            assertThat(emit.status()).as(emit::err).isZero();
            assertThat(server.payloads()).containsExactly("first", "second");
            assertThat(emit.err()).contains("restarting", "trying again", "connected again", "2 sent");
        }
    }

    @Test
    void aRefusalIsFinal() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            server.refuseWith(Status.PERMISSION_DENIED.withDescription("not you"));
            CommandRun emit = CommandRun.of("emit", "--rate", "10", "--addr", server.address());
            assertThat(emit.status()).isEqualTo(ExitCodes.REFUSED);
            assertThat(emit.err()).contains("refused: not you");
        }
    }

    @Test
    void aServerThatIsNotThereEndsItUnlessToldToWait() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        CommandRun emit = CommandRun.reading("x\n", "emit", "--app", "a", "--addr", "127.0.0.1:" + port);
        assertThat(emit.status()).isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(emit.err()).contains("cannot connect to 127.0.0.1:" + port).containsIgnoringCase("refused");

        CommandRun patient = CommandRun.reading("x\n", "emit", "--app", "a", "--wait", "--addr", "127.0.0.1:" + port);
        await().until(() -> patient.err().contains("trying again"));
        try (IngressServer server = IngressServer.plain(port)) {
            assertThat(patient.status()).isZero();
            assertThat(server.payloads()).containsExactly("x");
        }
    }

    @Test
    void aRateIsSpreadOverTheAppsAndNumberedPerApp() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            CommandRun emit = CommandRun.of(
                    "emit",
                    "--rate",
                    "400",
                    "--apps",
                    "4",
                    "--duration",
                    "1.5",
                    "--payload",
                    "50",
                    "--addr",
                    server.address());
            assertThat(emit.status()).as(emit::err).isZero();
            assertThat(server.received()).hasSize(600);
            assertThat(server.received().stream()
                            .collect(Collectors.groupingBy(Envelope::getSourceId))
                            .values())
                    .hasSize(4)
                    .allSatisfy(ofApp -> assertThat(ofApp)
                            .hasSize(150)
                            .allSatisfy(envelope -> assertThat(
                                            envelope.getLog().getPayload().size())
                                    .isEqualTo(50)))
                    .allSatisfy(ofApp -> assertThat(
                                    ofApp.get(149).getLog().getPayload().toStringUtf8())
                            .startsWith("emit 150 ."));
            assertThat(emit.err())
                    .containsPattern("loggregator: \\d+/s, \\d+ sent\n")
                    .contains("600 sent in");
        }
    }

    @Test
    void saysWhenTheServerHoldsItUp() throws Exception {
        try (IngressServer server = IngressServer.plain()) {
            server.stopReading();
            CommandRun emit = CommandRun.of(
                    "emit", "--rate", "1000", "--payload", "10000", "--duration", "2", "--addr", server.address());
            await().until(() -> emit.err().contains("held up"));
            server.startReading();
            assertThat(emit.status()).as(emit::err).isZero();
            assertThat(emit.err()).contains("flowing again after");
        }
    }

    @Test
    void mutualTlsExpectsTheNameOfADoppler() throws Exception {
        assertThat(CommandRun.of("certs", directory.toString()).status()).isZero();
        TlsMaterial doppler = TlsMaterial.load(file("doppler.crt"), file("doppler.key"), file("ca.crt"));
        try (IngressServer server =
                IngressServer.tls(doppler.serverContext(true, "h2").build())) {
            String[] files = {
                "--ca",
                file("ca.crt").toString(),
                "--cert",
                file("agent.crt").toString(),
                "--key",
                file("agent.key").toString()
            };
            assertThat(tlsEmit(server, files).status()).isZero();
            assertThat(server.payloads()).containsExactly("x");

            CommandRun otherName = tlsEmit(
                    server, files[0], files[1], files[2], files[3], files[4], files[5], "--server-name", "metron");
            assertThat(otherName.status()).isEqualTo(ExitCodes.UNAVAILABLE);
            CommandRun nobody = tlsEmit(server, files[0], files[1]);
            assertThat(nobody.status()).as(nobody::err).isEqualTo(ExitCodes.UNAVAILABLE);
            assertThat(server.payloads()).containsExactly("x");
        }
    }

    @Test
    void optionsThatDoNotGoTogetherAreUsageErrors() {
        assertThat(CommandRun.of("emit").status()).isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--app", "a", "--payload", "3").status())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--rate", "0").status()).isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--rate", "NaN").status()).isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--rate", "1", "--apps", "2", "--app", "a")
                        .status())
                .isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--rate", "1", "--cert", "x").status()).isEqualTo(ExitCodes.USAGE);
        assertThat(CommandRun.of("emit", "--rate", "1", "--addr", "http://x").status())
                .isEqualTo(ExitCodes.USAGE);
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private static CommandRun tlsEmit(IngressServer server, String... options) throws IOException {
        String[] args = new String[options.length + 5];
        System.arraycopy(new String[] {"emit", "--app", "a", "--addr", server.address()}, 0, args, 0, 5);
        System.arraycopy(options, 0, args, 5, options.length);
        return CommandRun.reading("x\n", args);
    }
}
