package io.loggregator.nozzles.otlp;

import static io.loggregator.nozzles.otlp.Envelopes.batch;
import static io.loggregator.nozzles.otlp.Envelopes.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.rpc.RetryInfo;
import io.grpc.InsecureServerCredentials;
import io.grpc.Status;
import io.loggregator.node.settings.InvalidSettings;
import io.loggregator.node.settings.Settings;
import io.loggregator.nozzle.NozzleException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of what a collector takes, and of what it does not take at once, in part or at all. */
@Timeout(60)
class OtlpSinkTest {
    private static final long LIMIT_SECONDS = 30;

    private final Map<String, String> environment = new HashMap<>();
    private Collector collector;
    private OtlpSink sink;

    @BeforeEach
    void startCollector() throws Exception {
        collector = new Collector();
        environment.put("OTLP_ENDPOINT", "http://127.0.0.1:" + collector.port());
    }

    @AfterEach
    void close() {
        if (sink != null) {
            sink.close();
        }
        collector.close();
    }

    private Settings settings() throws InvalidSettings {
        OtlpNozzle nozzle = new OtlpNozzle();
        return Settings.load(nozzle.settings(), environment, null, nozzle::rules);
    }

    private OtlpSink open() throws Exception {
        sink = (OtlpSink) new OtlpNozzle().open(settings());
        return sink;
    }

    /** With so little patience that no test waits long for its end. */
    private OtlpSink openImpatient() throws Exception {
        sink = OtlpNozzle.open(
                settings(), new Signal.Pauses(OtlpNozzle.PAUSES.backOff(), java.time.Duration.ofSeconds(1)));
        return sink;
    }

    @Test
    void whatIsNotTakenFailsWellBeforeItsPlaceIsForgotten() {
        assertThat(OtlpNozzle.PAUSES.patience()).isLessThanOrEqualTo(java.time.Duration.ofSeconds(10));
    }

    private static void done(CompletionStage<?> stage) {
        stage.toCompletableFuture().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
    }

    private static List<String> bodies(List<LogRecord> records) {
        return records.stream().map(record -> record.getBody().getStringValue()).toList();
    }

    @Test
    void logsAndMetricsOfABatchGoToTheirServices() throws Exception {
        done(open().handle(batch(log("app", "one"), Envelopes.counter("router", "requests", 1, 7), log("app", "two"))));

        assertThat(bodies(collector.records())).containsExactly("one", "two");
        assertThat(collector.metrics).hasSize(1);
        assertThat(sink.status()).startsWith("2 log records and 1 data points sent, 0 left out,");
    }

    @Test
    void aLargeBatchIsSentInSeveralRequestsInItsOrder() throws Exception {
        environment.put("OTLP_MAX_REQUEST", "1024");
        List<String> lines = IntStream.range(0, 50).mapToObj(i -> "line " + i).toList();

        done(open().handle(batch(lines.stream().map(line -> log("app", line)).toList())));

        assertThat(collector.logs).hasSizeGreaterThan(4);
        assertThat(bodies(collector.records())).isEqualTo(lines);
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE", "DATA_LOSS"})
    void whatMayHelpIsTriedAgain(Status.Code code) throws Exception {
        collector.answer(code, "not now");

        done(open().handle(batch(log("app", "line"))));

        assertThat(bodies(collector.records())).containsExactly("line", "line");
        assertThat(sink.leftOut().counts()).isEmpty();
        assertThat(sink.status()).startsWith("1 log records").endsWith("1 requests tried again");
    }

    @Test
    void theCollectorSaysWhenToTryAgain() throws Exception {
        long millis = 1_500;
        collector.answer(tryAgainIn(1, 500_000_000));
        long before = System.nanoTime();

        done(open().handle(batch(log("app", "line"))));

        assertThat(collector.logs).hasSize(2);
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(millis));
        assertThat(sink.leftOut().counts()).isEmpty();
    }

    private static com.google.rpc.Status tryAgainIn(long seconds, int nanos) {
        return com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.RESOURCE_EXHAUSTED.value())
                .addDetails(Any.pack(RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
                        .build()))
                .build();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-5, 0", "0, -1"})
    void aPauseThatIsNoneIsAnOrdinaryOne(long seconds, int nanos) throws Exception {
        collector.answer(tryAgainIn(seconds, nanos));
        long before = System.nanoTime();

        done(open().handle(batch(log("app", "line"))));

        assertThat(collector.logs).hasSize(2);
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(250));
    }

    @ParameterizedTest
    @ValueSource(longs = {3_600, 315_576_000_000L, Long.MAX_VALUE})
    void aPauseThatIsLongerThanThePatienceFailsTheBatchWhichComesAgain(long seconds) throws Exception {
        collector.answer(tryAgainIn(seconds, 999_999_999));
        CompletionStage<?> stage = openImpatient().handle(batch(log("app", "line")));

        assertComesAgain(stage);
        assertThat(collector.logs).hasSize(1);
        assertThat(sink.leftOut().counts()).isEmpty();
    }

    /** The stage fails when the patience is over, and in a way that is not final. */
    private static void assertComesAgain(CompletionStage<?> stage) {
        assertThatThrownBy(() -> done(stage))
                .cause()
                .isInstanceOfSatisfying(
                        NozzleException.class, e -> assertThat(e.isFinal()).isFalse())
                .hasMessageContaining("did not take 1 log_records within 1000 ms");
    }

    @Test
    void detailsThatCannotBeReadAreNone() throws Exception {
        collector.answer(com.google.rpc.Status.newBuilder()
                .setCode(Status.Code.UNAVAILABLE.value())
                .addDetails(Any.newBuilder()
                        .setTypeUrl("type.googleapis.com/google.rpc.RetryInfo")
                        .setValue(ByteString.copyFrom(new byte[] {(byte) 0xFF})))
                .build());

        done(open().handle(batch(log("app", "line"))));

        assertThat(bodies(collector.records())).containsExactly("line", "line");
    }

    @Test
    void aBatchFailsInTimeForItsPlaceToBeKeptAndIsTakenWhenItComesAgain() throws Exception {
        int port = collector.port();
        collector.close();
        assertComesAgain(openImpatient().handle(batch(log("app", "line"))));

        collector = new Collector(port, InsecureServerCredentials.create());

        done(sink.handle(batch(log("app", "line"))));
        assertThat(bodies(collector.records())).containsExactly("line");
    }

    @Test
    void aCollectorThatTakesConnectionsAndSaysNothingIsFoundOutInThatTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            environment.put("OTLP_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort());
            assertComesAgain(openImpatient().handle(batch(log("app", "line"))));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"RESOURCE_EXHAUSTED", "INVALID_ARGUMENT", "NOT_FOUND", "INTERNAL", "UNKNOWN"})
    void whatIsRefusedIsCountedAndTheNextGoesOn(Status.Code code) throws Exception {
        collector.answer(code, "no");

        done(open().handle(batch(log("app", "one"), log("app", "two"))));
        done(sink.handle(batch(log("app", "three"))));

        assertThat(collector.logs).hasSize(2);
        assertThat(sink.leftOut().counts()).isEqualTo(Map.of("refused_log_records", 2L));
        assertThat(sink.status()).startsWith("1 log records");
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED"})
    void aCollectorThatTakesNothingFromThisNozzleEndsIt(Status.Code code) throws Exception {
        collector.answer(code, "who are you?");

        assertThatThrownBy(() -> done(open().handle(batch(log("app", "line")))))
                .cause()
                .isInstanceOfSatisfying(
                        NozzleException.class, e -> assertThat(e.isFinal()).isTrue())
                .hasMessageContaining(code.name())
                .hasMessageContaining("who are you?");
        assertThat(sink.leftOut().counts()).isEmpty();
    }

    @Test
    void whatACollectorTookOnlyInPartIsCounted() throws Exception {
        collector.answer(ExportLogsServiceResponse.newBuilder()
                .setPartialSuccess(ExportLogsPartialSuccess.newBuilder()
                        .setRejectedLogRecords(2)
                        .setErrorMessage("too old"))
                .build());

        done(open().handle(batch(log("app", "one"), log("app", "two"), log("app", "three"))));

        assertThat(collector.logs).hasSize(1);
        assertThat(sink.leftOut().counts()).isEqualTo(Map.of("rejected_log_records", 2L));
        assertThat(sink.status()).startsWith("1 log records");
    }

    @Test
    void aBatchIsNotDoneBeforeACollectorThatIsAwayHasIt() throws Exception {
        int port = collector.port();
        collector.close();
        CompletableFuture<?> stage = open().handle(batch(log("app", "line"))).toCompletableFuture();
        await().until(() -> !sink.status().endsWith(" 0 requests tried again"));
        assertThat(stage).isNotDone();

        collector = new Collector(port, InsecureServerCredentials.create());

        done(stage);
        assertThat(bodies(collector.records())).containsExactly("line");
    }

    @Test
    void closingGivesUp() throws Exception {
        collector.close();
        CompletableFuture<?> stage = open().handle(batch(log("app", "line"))).toCompletableFuture();
        sink.close();
        assertThatThrownBy(() -> done(stage)).cause().isInstanceOf(NozzleException.class);
    }

    @Test
    void headersGoWithEveryRequest() throws Exception {
        environment.put("OTLP_HEADERS", "authorization=Bearer a=b, x-tenant=7");

        done(open().handle(batch(log("app", "line"))));

        assertThat(collector.headers.get(0).get(Collector.AUTHORIZATION)).isEqualTo("Bearer a=b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "=x", "a b=c", "a=b,"})
    void headersOfAnotherFormAreRefused(String headers) {
        environment.put("OTLP_HEADERS", headers);
        assertThatThrownBy(this::settings)
                .isInstanceOfSatisfying(
                        InvalidSettings.class,
                        e -> assertThat(e.problems().toString()).contains("OTLP_HEADERS"));
    }

    @ParameterizedTest
    @CsvSource({"all, ''", "logs, 'LOG EVENT'", "metrics, 'COUNTER GAUGE TIMER'"})
    void onlyWhatIsSentIsRead(String signals, String kinds) throws Exception {
        environment.put("OTLP_SIGNALS", signals);
        assertThat(new OtlpNozzle()
                        .selectors(settings()).stream()
                                .map(selector -> selector.kind().name())
                                .collect(Collectors.joining(" ")))
                .isEqualTo(kinds);
    }
}
