package io.loggregator.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.junit.jupiter.api.Test;

class JsonFormatTest {
    @Test
    void oneEnvelopeIsOneLineWithTheNamesOfTheProtocol() throws IOException {
        String text = print(V1.log("two\nlines").toBuilder().putTags("a", "b").build());
        assertThat(text)
                .isEqualTo("{\"origin\":\"gorouter\",\"eventType\":\"LogMessage\",\"timestamp\":" + V1.TIME
                        + ",\"logMessage\":{\"message\":\"two\\nlines\",\"message_type\":\"OUT\",\"timestamp\":"
                        + V1.TIME
                        + ",\"app_id\":\"app-1\",\"source_type\":\"APP/PROC/WEB\",\"source_instance\":\"0\"},\"job\":\"router\","
                        + "\"tags\":{\"a\":\"b\"}}\n");
    }

    @Test
    void bytesThatAreNotTextAreKeptExactly() throws IOException {
        byte[] bytes = {'x', (byte) 0xfe};
        JsonNode log = parse(V1.log(ByteString.copyFrom(bytes), LogMessage.MessageType.OUT, V1.TIME))
                .get("logMessage");
        assertThat(log.get("message").asText()).isEqualTo("x\ufffd");
        assertThat(log.get("message_base64").binaryValue()).isEqualTo(bytes);
    }

    @Test
    void unsignedNumbersStayPositive() throws IOException {
        assertThat(parse(V1.counter("c", 0, -1)).at("/counterEvent/total").asText())
                .isEqualTo("18446744073709551615");
    }

    @Test
    void whatJsonHasNoNumberForIsAString() throws IOException {
        Envelope nan = V1.base(Envelope.EventType.ValueMetric)
                .setValueMetric(ValueMetric.newBuilder()
                        .setName("n")
                        .setValue(Double.NaN)
                        .setUnit(""))
                .build();
        assertThat(parse(nan).at("/valueMetric/value").textValue()).isEqualTo("NaN");
    }

    private static JsonNode parse(Envelope envelope) throws IOException {
        return new ObjectMapper().readTree(print(envelope));
    }

    private static String print(Envelope envelope) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new JsonFormat().write(envelope, out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
