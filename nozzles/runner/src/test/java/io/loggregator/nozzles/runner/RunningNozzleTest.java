package io.loggregator.nozzles.runner;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import io.loggregator.node.process.ExitCodes;
import io.loggregator.node.settings.Setting;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Gap;
import io.loggregator.nozzle.Log;
import io.loggregator.nozzle.NozzleException;
import io.loggregator.nozzle.Selector;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
class RunningNozzleTest {
    @TempDir
    private Path directory;

    private final Collecting program = new Collecting();
    private final CompletableFuture<StopRequest> stop = new CompletableFuture<>();

    private interface Waiting {
        void await() throws InterruptedException;
    }

    /** Collects lines. */
    private static final class Collecting implements NozzleProgram, Destination {
        final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        volatile CompletionStage<?> handled = BatchHandler.done();
        volatile boolean closed;
        volatile NozzleException cannotOpen;
        volatile Waiting whileOpening = () -> {};

        @Override
        public String name() {
            return "collecting";
        }

        @Override
        public String description() {
            return "Collects lines.";
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of();
        }

        @Override
        public List<Selector> selectors(Settings settings) {
            return List.of(Selector.logs());
        }

        @Override
        public Destination open(Settings settings) throws InterruptedException {
            whileOpening.await();
            if (cannotOpen != null) {
                throw cannotOpen;
            }
            return this;
        }

        @Override
        public CompletionStage<?> handle(Batch batch) {
            batch.forEach(envelope -> lines.add(((Log) envelope).text()));
            return handled;
        }

        @Override
        public void gap(Gap gap) {
            lines.add("gap of " + gap.count().orElse(0));
        }

        @Override
        public String status() {
            return lines.size() + " lines";
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void readsAsTheSettingsSayAndStopsWhenWhatItHasInHandIsAcknowledged() throws Exception {
        try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.startTls()) {
            endpoint.requireTokens().uaa().client("me", "secret");
            program.handled = new CompletableFuture<>();
            CompletableFuture<Integer> exit = start(
                    endpoint,
                    Map.of(
                            "UAA_ADDR",
                            endpoint.uaa().uri().toString(),
                            "UAA_CLIENT_ID",
                            "me",
                            "UAA_CLIENT_SECRET",
                            "secret"));
            endpoint.firehose("nozzle-collecting").gap(7).send(line("hello"));
            assertThat(program.lines.poll(20, TimeUnit.SECONDS)).isEqualTo("gap of 7");
            assertThat(program.lines.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
            assertThat(endpoint.firehose("nozzle-collecting")
                            .awaitConnection(1)
                            .awaitStart()
                            .getSelectorsList())
                    .hasSize(1);
            assertThat(stop.join().make()).isTrue();
            assertThat(stop.join().make()).isFalse();
            assertThat(exit).isNotDone();
            program.handled.toCompletableFuture().complete(null);
            assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(ExitCodes.OK);
            endpoint.firehose("nozzle-collecting").awaitAcknowledged(1);
            assertThat(program.closed).isTrue();
        }
    }

    @Test
    void aStopThatTakesTooLongIsNotWholeAndSaysSo() throws Exception {
        try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.startTls()) {
            program.handled = new CompletableFuture<>();
            CompletableFuture<Integer> exit =
                    start(endpoint, Map.of("STOP_TIMEOUT", "50ms", "NOZZLE_APP_ID", "my-app"));
            endpoint.app("my-app").send(line("hello"));
            assertThat(program.lines.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
            stop.join().make();
            assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(ExitCodes.STOP_INCOMPLETE);
            assertThat(endpoint.app("my-app").acknowledged().now()).isZero();
        }
    }

    @Test
    void aTokenThatIsRefusedEndsIt() throws Exception {
        try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.startTls()) {
            endpoint.requireTokens();
            assertThat(start(endpoint, Map.of("LOGGREGATOR_TOKEN", "bearer old"))
                            .get(20, TimeUnit.SECONDS))
                    .isEqualTo(ExitCodes.REFUSED);
            assertThat(endpoint.tokens().now()).contains("old");
            assertThat(program.closed).isTrue();
        }
    }

    @Test
    void aFileWithSomethingElseInItIsAnErrorOfConfiguration() throws Exception {
        Path file = Files.writeString(directory.resolve("ca.crt"), "no certificate");
        int exit = run(Map.of("LOGGREGATOR_ADDR", "wss://127.0.0.1:1", "LOGGREGATOR_CA_FILE", file.toString()));
        assertThat(exit).isEqualTo(ExitCodes.CONFIGURATION);
        assertThat(program.closed).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"true, " + ExitCodes.CONFIGURATION, "false, " + ExitCodes.UNAVAILABLE})
    void whatCanNeverBeOpenedIsAnErrorOfConfiguration(boolean isFinal, int code) {
        program.cannotOpen = new NozzleException("no such topic", isFinal, null);
        assertThat(run(Map.of("LOGGREGATOR_ADDR", "ws://127.0.0.1:1"))).isEqualTo(code);
    }

    @Test
    void manyGapsAreFewLines() throws Exception {
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger(RunningNozzle.class);
        lines.start();
        log.addAppender(lines);
        try (LoggregatorEndpoint endpoint = LoggregatorEndpoint.startTls()) {
            CompletableFuture<Integer> exit = start(endpoint, Map.of());
            for (int i = 0; i < 9; i++) {
                endpoint.firehose("nozzle-collecting").gap(7);
            }
            for (int i = 0; i < 9; i++) {
                assertThat(program.lines.poll(20, TimeUnit.SECONDS)).isEqualTo("gap of 7");
            }
            stop.join().make();
            assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(ExitCodes.OK);
        } finally {
            log.detachAppender(lines);
        }
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(line -> line.startsWith("a gap"))
                .hasSize(4)
                .last()
                .asString()
                .isEqualTo("a gap in the stream, 8 since the start: 7 envelopes are missing (lapped)");
    }

    @Test
    void aStopWhileItOpensEndsItInOrder() {
        program.whileOpening = () -> {
            assertThat(stop.join().make()).isTrue();
            new CountDownLatch(1).await();
        };
        assertThat(run(Map.of("LOGGREGATOR_ADDR", "ws://127.0.0.1:1"))).isEqualTo(ExitCodes.OK);
        assertThat(program.closed).as("it was never open").isFalse();
    }

    @Test
    void aStopBeforeItReadsClosesWhatIsOpen() {
        program.whileOpening = () -> stop.join().make();
        assertThat(run(Map.of("LOGGREGATOR_ADDR", "ws://127.0.0.1:1"))).isEqualTo(ExitCodes.OK);
        assertThat(program.closed).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    private CompletableFuture<Integer> start(LoggregatorEndpoint endpoint, Map<String, String> more)
            throws IOException {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("LOGGREGATOR_ADDR", endpoint.uri().toString());
        environment.put(
                "LOGGREGATOR_CA_FILE",
                Files.writeString(directory.resolve("ca.crt"), endpoint.authorityPem())
                        .toString());
        return CompletableFuture.supplyAsync(() -> run(environment), task -> new Thread(task, "nozzle's main").start());
    }

    private int run(Map<String, String> environment) {
        PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return NozzleCommand.run(program, environment, out, out, stop::complete);
    }

    private static LoggregatorEnvelope.Envelope line(String text) {
        return LoggregatorEnvelope.Envelope.newBuilder()
                .setSourceId("my-app")
                .setLog(LoggregatorEnvelope.Log.newBuilder().setPayload(ByteString.copyFromUtf8(text)))
                .build();
    }
}
