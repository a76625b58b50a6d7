package io.loggregator.nozzles.syslog;

import static io.loggregator.nozzles.syslog.Envelopes.counter;
import static io.loggregator.nozzles.syslog.Envelopes.event;
import static io.loggregator.nozzles.syslog.Envelopes.gauge;
import static io.loggregator.nozzles.syslog.Envelopes.line;
import static io.loggregator.nozzles.syslog.Envelopes.log;
import static io.loggregator.nozzles.syslog.Envelopes.timer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.loggregator.nozzle.Batch;
import io.loggregator.nozzle.BatchHandler;
import io.loggregator.nozzle.Nozzle;
import io.loggregator.nozzle.testkit.LoggregatorEndpoint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of Cloud Foundry's drains, as their receivers parse it. */
@Timeout(60)
class SyslogFormatTest {
    private static final String HEAD = "<14>1 1970-01-01T00:00:00.012345+00:00 test-hostname test-app-id ";
    private static final Map<String, String> TASK = Map.of("source_type", "MY TASK");

    private static LoggregatorEndpoint endpoint;
    private static int subscriptions;

    @BeforeAll
    static void startTheEndpoint() {
        endpoint = LoggregatorEndpoint.start();
    }

    @AfterAll
    static void stopTheEndpoint() {
        endpoint.close();
    }

    @Test
    void aLogHasItsTagsAsStructuredData() throws Exception {
        assertThat(messages(log("test-app-id", "2", TASK, "just a test")))
                .isEqualTo(framed(HEAD + "[MY-TASK/2] - [tags@47450 source_type=\"MY TASK\"] just a test\n"));
    }

    @Test
    void aLogWithoutTagsHasADashForThem() throws Exception {
        assertThat(messages(log("", "", Map.of(), "x")))
                .isEqualTo(framed("<14>1 1970-01-01T00:00:00.012345+00:00 test-hostname - [] - - x\n"));
    }

    @Test
    void whatWasWrittenToStandardErrorIsAnError() throws Exception {
        Envelope error = Envelopes.of("test-app-id", "2", TASK)
                .setLog(line("oh").setType(Log.Type.ERR))
                .build();
        assertThat(messages(error)).contains(" <11>1 ");
    }

    @Test
    void counterGaugeTimerAndEventAreStructuredData() throws Exception {
        assertThat(messages(
                        counter(Map.of("metric-tag", "scallop"), "some-counter", 1, 99),
                        gauge("cpu", 0.23, "percentage"),
                        gauge("memory", 5423, "bytes"),
                        gauge("large", 123_456_789, "bytes"),
                        timer("http", 10, 20),
                        event("event-title", "event-body")))
                .isEqualTo(framed(HEAD + "[1] - [counter@47450 name=\"some-counter\" total=\"99\" delta=\"1\"]"
                                + "[tags@47450 metric-tag=\"scallop\"] \n")
                        + framed(HEAD + "[1] - [gauge@47450 name=\"cpu\" value=\"0.23\" unit=\"percentage\"] \n")
                        + framed(HEAD + "[1] - [gauge@47450 name=\"memory\" value=\"5423\" unit=\"bytes\"] \n")
                        + framed(HEAD + "[1] - [gauge@47450 name=\"large\" value=\"1.23456789e+08\" unit=\"bytes\"] \n")
                        + framed(HEAD + "[1] - [timer@47450 name=\"http\" start=\"10\" stop=\"20\"] \n")
                        + framed(HEAD + "[1] - [event@47450 title=\"event-title\" body=\"event-body\"] \n"));
    }

    @Test
    void aCountMayTakeAllOf64Bits() throws Exception {
        assertThat(messages(counter(Map.of(), "c", -1, -2)))
                .contains("total=\"18446744073709551614\" delta=\"18446744073709551615\"");
    }

    @Test
    void metricsAreLeftOutUnlessWanted() throws Exception {
        SyslogFormat logs = new SyslogFormat("test-hostname", false);
        assertThat(messages(logs, gauge("cpu", 1, ""), log("a", "0", Map.of(), "x"), timer("http", 1, 2)))
                .isEqualTo(framed("<14>1 1970-01-01T00:00:00.012345+00:00 test-hostname a [/0] - - x\n"));
    }

    @Test
    void whatWouldEndAValueIsEscapedAndNamesAreMadeAllowed() throws Exception {
        assertThat(messages(log("a", "0", Map.of("k e=y]\"", "\"]\\"), "x")))
                .contains(" [tags@47450 key=\"\\\"\\]\\\\\"] x\n");
        assertThat(messages(log("a", "0", Map.of("k".repeat(40), "v", "=", "w"), "x")))
                .contains("[tags@47450 _=\"w\" " + "k".repeat(32) + "=\"v\"]");
    }

    @Test
    void theHostIsNamedAfterOrganizationSpaceAndApp() throws Exception {
        assertThat(messages(log(
                        "a",
                        "0",
                        Map.of("organization_name", "some_org", "space_name", "some space", "app_name", "some_app--"),
                        "x")))
                .contains("+00:00 someorg.some-space.someapp a ");
        assertThat(messages(log("a", "0", Map.of("organization_name", "o".repeat(100)), "x")))
                .contains("+00:00 " + "o".repeat(63) + ".. a ");
    }

    @ParameterizedTest
    @CsvSource({
        "127, 0, 126, 0",
        "126, 40, 89, 36",
        "124, 1, 124, 1",
        "128, 1, 124, 1",
        "66, 73, 66, 36",
        "90, 73, 89, 36"
    })
    void aLongProcessIsCut(int type, int index, int typeLeft, int indexLeft) throws Exception {
        String process = "[" + "A".repeat(typeLeft) + (index == 0 ? "" : "/" + "B".repeat(indexLeft)) + "]";
        assertThat(messages(log("app", "B".repeat(index), Map.of("source_type", "A".repeat(type)), "x")))
                .contains(" app " + process + " - ");
    }

    @Test
    void fieldsHaveNothingThatIsNotAllowedAndAreNotTooLong() throws Exception {
        assertThat(messages(log("a b\nc".repeat(40), "0", Map.of("source_type", "TASK/こんにちは"), "x")))
                .contains(" test-hostname " + "abc".repeat(16) + " [TASK//0] - ");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00+00:00",
        "1500000000, 1970-01-01T00:00:01.5+00:00",
        "999, 1970-01-01T00:00:00+00:00",
        "1700000000123456789, 2023-11-14T22:13:20.123456+00:00",
        "-1000, 1969-12-31T23:59:59.999999+00:00",
        "9223372036854775807, 2262-04-11T23:47:16.854775+00:00"
    })
    void timesAreInMicrosecondsWithoutZerosAtTheirEnd(long nanos, String time) throws Exception {
        Envelope envelope = Envelopes.of("a", "0", Map.of())
                .setTimestamp(nanos)
                .setLog(line("x"))
                .build();
        assertThat(messages(envelope)).contains(" <14>1 " + time + " ");
    }

    @Test
    void textIsPassedOnAsItIsButForZeros() throws Exception {
        assertThat(messages(log("a", "0", Map.of(), "two\nlines\n"))).endsWith(" - - two\nlines\n");
        assertThat(messages(log("a", "0", Map.of(), "a\0b\0")))
                .endsWith(" - - ab\n")
                .startsWith("67 ");
        assertThat(messages(log("a", "0", Map.of(), ""))).endsWith(" - - \n");
        Envelope binary = Envelopes.of("a", "0", Map.of())
                .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xfe})))
                .build();
        assertThat(bytes(new SyslogFormat("h", false), binary)).endsWith(' ', (byte) 0xff, (byte) 0xfe, '\n');
    }

    @Test
    void lengthsAreInBytes() throws Exception {
        assertThat(messages(log("a", "0", Map.of("k", "é"), "日本")))
                .isEqualTo(framed(
                        "<14>1 1970-01-01T00:00:00.012345+00:00 test-hostname a [/0] - [tags@47450 k=\"é\"] 日本\n"));
    }

    @Test
    void aLargeGaugeIsWrittenInPiecesWithoutTheTagsThatWouldBeTooMuchInAll() throws Exception {
        Gauge.Builder metrics = Gauge.newBuilder();
        for (int i = 0; i < 1000; i++) {
            metrics.putMetrics("m" + i, GaugeValue.newBuilder().setValue(i).build());
        }
        Envelope large = Envelopes.of("a", "0", Map.of("large", "x".repeat(100_000), "small", "y".repeat(3000)))
                .setGauge(metrics)
                .build();
        List<Integer> pieces = new ArrayList<>();
        SyslogFrames frames = new SyslogFrames((piece, length) -> {
            pieces.add(length);
            assertThat(new String(piece, 0, length, StandardCharsets.UTF_8))
                    .contains("small=\"yyy")
                    .doesNotContain("xxx");
        });
        write(frames, large, Envelopes.of("a", "0", Map.of()).build());
        assertThat(pieces).hasSizeGreaterThan(2).allMatch(length -> length < SyslogFrames.PIECE + 4096);
        assertThat(frames.count()).isEqualTo(1000);
        assertThat(frames.leftOut())
                .containsEntry(SyslogFrames.Reason.LARGE_DATA, 1000L)
                .containsEntry(SyslogFrames.Reason.UNKNOWN_KIND, 1L);
    }

    private static void write(SyslogFrames frames, Envelope... envelopes) throws Exception {
        SyslogFormat format = new SyslogFormat("test-hostname", true);
        byte[] bytes = LoggregatorEnvelope.EnvelopeBatch.newBuilder()
                .addAllBatch(List.of(envelopes))
                .build()
                .toByteArray();
        for (io.loggregator.nozzle.Envelope envelope : Batch.of(bytes)) {
            format.write(envelope, frames);
        }
        frames.flush();
    }

    private static String framed(String message) {
        return message.getBytes(StandardCharsets.UTF_8).length + " " + message;
    }

    private static String messages(Envelope... envelopes) throws Exception {
        return messages(new SyslogFormat("test-hostname", true), envelopes);
    }

    private static String messages(SyslogFormat format, Envelope... envelopes) throws Exception {
        return new String(bytes(format, envelopes), StandardCharsets.UTF_8);
    }

    /** Reads the envelopes as a nozzle does. */
    private static byte[] bytes(SyslogFormat format, Envelope... envelopes) throws Exception {
        String id = "format-" + subscriptions++;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Nozzle nozzle = Nozzle.builder()
                .endpoint(endpoint.uri())
                .firehose(id)
                .handler(batch -> {
                    SyslogFrames frames = new SyslogFrames((piece, length) -> out.write(piece, 0, length));
                    for (io.loggregator.nozzle.Envelope envelope : batch) {
                        format.write(envelope, frames);
                    }
                    frames.flush();
                    return BatchHandler.done();
                })
                .build()) {
            nozzle.start();
            endpoint.firehose(id).send(envelopes).awaitAcknowledged(envelopes.length);
        }
        return out.toByteArray();
    }
}
