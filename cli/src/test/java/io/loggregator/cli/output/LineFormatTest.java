package io.loggregator.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.HttpFactory.PeerType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.cloudfoundry.dropsonde.events.UuidFactory.UUID;
import org.junit.jupiter.api.Test;

class LineFormatTest {
    private static final String AT = "   2026-11-22T13:05:41.07+0100 ";
    private static final UUID ID = UUID.newBuilder()
            .setLow(0x7243cc580bc17af4L)
            .setHigh(0x79d4c3b2020e67a5L)
            .build();

    @Test
    void aLogLooksAsInTheCfCli() throws IOException {
        assertThat(line(V1.log("hello"))).isEqualTo(AT + "[APP/PROC/WEB/0] OUT hello\n");
        assertThat(line(V1.log(ByteString.copyFromUtf8("oh no\r\n"), LogMessage.MessageType.ERR, V1.TIME)))
                .isEqualTo(AT + "[APP/PROC/WEB/0] ERR oh no\n");
    }

    @Test
    void inAStreamOfManyAppsEachLineNamesItsOwn() throws IOException {
        assertThat(print(V1.log("hello"), Style.PIPE, true)).isEqualTo(AT + "app-1 [APP/PROC/WEB/0] OUT hello\n");
    }

    @Test
    void furtherLinesOfALogStandBelowItsText() throws IOException {
        String margin = " ".repeat((AT + "[APP/PROC/WEB/0] OUT ").length());
        assertThat(line(V1.log("one\n  two\n\nfour\n")))
                .isEqualTo(AT + "[APP/PROC/WEB/0] OUT one\n" + margin + "  two\n" + margin + "\n" + margin + "four\n");
    }

    @Test
    void intoAPipeBytesStayWhatTheyAre() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteString bytes = ByteString.copyFrom(new byte[] {'a', (byte) 0xff, 0x1b, '[', '2', 'J'});
        format(Style.PIPE, false).write(V1.log(bytes, LogMessage.MessageType.OUT, V1.TIME), out);
        assertThat(ByteString.copyFrom(out.toByteArray()).endsWith(bytes.concat(ByteString.copyFromUtf8("\n"))))
                .isTrue();
    }

    @Test
    void onATerminalAnAppCannotMoveTheCursorOrClearTheScreen() throws IOException {
        Envelope nasty = V1.log("a\u001b[2J\u001b]0;title\u0007b\rc\u009bd\te");
        assertThat(print(nasty, Style.PLAIN_TERMINAL, false))
                .endsWith("OUT a\ufffd[2J\ufffd]0;title\ufffdb\ufffdc\ufffdd\te\n");
    }

    @Test
    void anAppsOwnColoursAreShownAndEndWithItsText() throws IOException {
        Envelope colourful = V1.log("\u001b[32mfine");
        assertThat(print(colourful, Style.COLOUR, false)).endsWith("\u001b[32mfine\u001b[0m\n");
        assertThat(print(colourful, Style.PLAIN_TERMINAL, false)).endsWith("OUT fine\n");
    }

    @Test
    void errorsAreRed() throws IOException {
        Envelope error = V1.log(ByteString.copyFromUtf8("x"), LogMessage.MessageType.ERR, V1.TIME);
        assertThat(print(error, Style.COLOUR, false)).contains("\u001b[31mERR \u001b[0mx");
        assertThat(print(V1.log("x"), Style.COLOUR, false)).doesNotContain("\u001b[31m");
    }

    @Test
    void aCounterSaysItsGrowthAndTotalUnsigned() throws IOException {
        assertThat(print(V1.counter("requests", 3, -1), Style.PIPE, true))
                .isEqualTo(AT + "gorouter COUNTER requests +3 (total 18446744073709551615)  {job=router}\n");
    }

    @Test
    void aGaugeSaysItsValueAndUnit() throws IOException {
        Envelope gauge = V1.base(Envelope.EventType.ValueMetric)
                .putTags("source_id", "cell-7")
                .setValueMetric(
                        ValueMetric.newBuilder().setName("load").setValue(0.25).setUnit("1"))
                .build();
        assertThat(print(gauge, Style.PIPE, true)).isEqualTo(AT + "cell-7 GAUGE load 0.25 1  {job=router}\n");
    }

    @Test
    void aContainersUseStandsAgainstItsQuota() throws IOException {
        Envelope container = V1.base(Envelope.EventType.ContainerMetric)
                .setContainerMetric(ContainerMetric.newBuilder()
                        .setApplicationId("app-1")
                        .setInstanceIndex(2)
                        .setCpuPercentage(12.34)
                        .setMemoryBytes(100 << 20)
                        .setMemoryBytesQuota(1 << 30)
                        .setDiskBytes(512))
                .build();
        assertThat(line(container))
                .isEqualTo(AT + "CONTAINER instance 2: cpu 12.3%, memory 100.0M of 1.0G, disk 512B\n");
    }

    @Test
    void aRequestSaysWhatWasAskedAndHowItWent() throws IOException {
        Envelope http = V1.base(Envelope.EventType.HttpStartStop)
                .setHttpStartStop(HttpStartStop.newBuilder()
                        .setStartTimestamp(V1.TIME)
                        .setStopTimestamp(V1.TIME + 12_300_000)
                        .setRequestId(ID)
                        .setApplicationId(ID)
                        .setPeerType(PeerType.Server)
                        .setMethod(Method.GET)
                        .setUri("http://shop.example.com/")
                        .setRemoteAddress("")
                        .setUserAgent("")
                        .setStatusCode(200)
                        .setContentLength(2048))
                .build();
        assertThat(print(http, Style.PIPE, true))
                .isEqualTo(AT + "f47ac10b-58cc-4372-a567-0e02b2c3d479 HTTP GET http://shop.example.com/ -> 200, 2.0K,"
                        + " 12.30 ms (Server)\n");
    }

    @Test
    void aMetricIsOneLineWhateverItsStringsHold() throws IOException {
        Envelope error = V1.base(Envelope.EventType.Error)
                .setError(ErrorFactory.Error.newBuilder()
                        .setSource("cc")
                        .setCode(3)
                        .setMessage("two\nlines\u001b[2J"))
                .build();
        assertThat(line(error)).isEqualTo(AT + "ERROR cc 3: two\ufffdlines\ufffd[2J  {job=router}\n");
    }

    private static String line(Envelope envelope) throws IOException {
        return print(envelope, Style.PIPE, false);
    }

    private static String print(Envelope envelope, Style style, boolean sources) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        format(style, sources).write(envelope, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static LineFormat format(Style style, boolean sources) {
        return new LineFormat(ZoneId.of("Europe/Berlin"), style, sources);
    }
}
