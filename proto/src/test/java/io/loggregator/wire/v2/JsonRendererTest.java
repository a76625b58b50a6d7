package io.loggregator.wire.v2;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.Generated;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.EnvelopeBatch;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.junit.jupiter.api.Test;

/** The gateway's JSON: literally for each kind, and for generated envelopes against a JSON parser. */
class JsonRendererTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonRenderer renderer = new JsonRenderer();
    private final ByteSink out = new ByteSink(64 << 20);

    @Test
    void aLogHasItsPayloadInBase64AndItsTypeByName() {
        assertThat(json(Envelope.newBuilder()
                        .setTimestamp(-7)
                        .setSourceId("app")
                        .setInstanceId("0")
                        .putTags("source_type", "APP/PROC/WEB")
                        .setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8("hello")))))
                .isEqualTo("{\"timestamp\":\"-7\",\"source_id\":\"app\",\"instance_id\":\"0\",\"deprecated_tags\":{},"
                        + "\"tags\":{\"source_type\":\"APP/PROC/WEB\"},"
                        + "\"log\":{\"payload\":\"aGVsbG8=\",\"type\":\"OUT\"}}");
    }

    @Test
    void defaultsAreThere() {
        String start =
                "{\"timestamp\":\"0\",\"source_id\":\"\",\"instance_id\":\"\",\"deprecated_tags\":{},\"tags\":{}";
        assertThat(json(Envelope.newBuilder())).isEqualTo(start + "}");
        assertThat(json(Envelope.newBuilder().setLog(Log.newBuilder().setTypeValue(1))))
                .isEqualTo(start + ",\"log\":{\"payload\":\"\",\"type\":\"ERR\"}}");
        assertThat(json(Envelope.newBuilder().setLog(Log.newBuilder().setTypeValue(9))))
                .isEqualTo(start + ",\"log\":{\"payload\":\"\",\"type\":9}}");
        assertThat(json(Envelope.newBuilder().setCounter(Counter.newBuilder().setTotal(-1))))
                .isEqualTo(start + ",\"counter\":{\"name\":\"\",\"delta\":\"0\",\"total\":\"18446744073709551615\"}}");
        assertThat(json(Envelope.newBuilder().setGauge(Gauge.getDefaultInstance())))
                .isEqualTo(start + ",\"gauge\":{\"metrics\":{}}}");
        assertThat(json(Envelope.newBuilder().setTimer(Timer.newBuilder().setStop(5))))
                .isEqualTo(start + ",\"timer\":{\"name\":\"\",\"start\":\"0\",\"stop\":\"5\"}}");
        assertThat(json(Envelope.newBuilder().setEvent(Event.newBuilder().setTitle("a\n\"\u0001"))))
                .isEqualTo(start + ",\"event\":{\"title\":\"a\\n\\\"\\u0001\",\"body\":\"\"}}");
    }

    @Test
    void doublesAreWrittenAsGoWritesThem() {
        Map<Double, String> numbers = new HashMap<>();
        numbers.put(0.0, "0");
        numbers.put(-0.0, "-0");
        numbers.put(0.5, "0.5");
        numbers.put(100.0, "100");
        numbers.put(1e21, "1e+21");
        numbers.put(1.5e20, "150000000000000000000");
        numbers.put(1.5e20, "150000000000000000000");
        numbers.put(0.000001, "0.000001");
        numbers.put(0.00000012, "1.2e-7");
        numbers.put(-12345.678, "-12345.678");
        numbers.put(Double.NaN, "\"NaN\"");
        numbers.put(Double.POSITIVE_INFINITY, "\"Infinity\"");
        numbers.put(Double.NEGATIVE_INFINITY, "\"-Infinity\"");
        numbers.forEach((value, text) -> assertThat(json(Envelope.newBuilder()
                        .setGauge(Gauge.newBuilder()
                                .putMetrics(
                                        "cpu",
                                        GaugeValue.newBuilder()
                                                .setUnit("percentage")
                                                .setValue(value)
                                                .build()))))
                .endsWith("\"gauge\":{\"metrics\":{\"cpu\":{\"unit\":\"percentage\",\"value\":" + text + "}}}}"));
    }

    @Property(tries = 5000)
    void aParserReadsWhatTheEnvelopeSays(@ForAll long seed) throws Exception {
        Generated generated = new Generated(seed);
        byte[] bytes = generated.unusualBytes(generated.envelope());
        Envelope meant;
        try {
            meant = EnvelopeBatch.parseFrom(Generated.record(bytes)).getBatch(0);
        } catch (InvalidProtocolBufferException e) {
            return; // what no parser takes is not accepted
        }
        byte[] whole = generated.surrounded(bytes);
        assertThat(renderer.render(whole, 16, whole.length - 16, out.reset())).isTrue();
        String text = new String(out.bytes(), 0, out.end(), StandardCharsets.UTF_8);
        assertThat(text).doesNotContain("\n").doesNotContain("\r");
        JsonNode read = JSON.readTree(text);

        List<String> names =
                new ArrayList<>(List.of("timestamp", "source_id", "instance_id", "deprecated_tags", "tags"));
        assertThat(read.get("timestamp").textValue()).isEqualTo(Long.toString(meant.getTimestamp()));
        assertThat(read.get("source_id").textValue()).isEqualTo(meant.getSourceId());
        assertThat(read.get("instance_id").textValue()).isEqualTo(meant.getInstanceId());
        meant.getDeprecatedTagsMap().forEach((key, value) -> {
            if (value.hasText()) {
                assertThat(read.get("tags").get(key).textValue()).isEqualTo(value.getText());
            }
        });
        switch (meant.getMessageCase()) {
            case LOG -> {
                names.add("log");
                assertThat(Base64.getDecoder()
                                .decode(read.get("log").get("payload").textValue()))
                        .isEqualTo(meant.getLog().getPayload().toByteArray());
            }
            case COUNTER -> {
                names.add("counter");
                assertThat(read.get("counter").get("delta").textValue())
                        .isEqualTo(Long.toUnsignedString(meant.getCounter().getDelta()));
            }
            case GAUGE -> {
                names.add("gauge");
                meant.getGauge().getMetricsMap().forEach((name, value) -> {
                    JsonNode metric = read.get("gauge").get("metrics").get(name);
                    assertThat(metric.get("unit").textValue()).isEqualTo(value.getUnit());
                    if (Double.isFinite(value.getValue())) {
                        assertThat(metric.get("value").doubleValue()).isEqualTo(value.getValue());
                    }
                });
            }
            case TIMER -> {
                names.add("timer");
                assertThat(read.get("timer").get("name").textValue())
                        .isEqualTo(meant.getTimer().getName());
            }
            case EVENT -> {
                names.add("event");
                assertThat(read.get("event").get("body").textValue())
                        .isEqualTo(meant.getEvent().getBody());
            }
            case MESSAGE_NOT_SET -> {}
        }
        assertThat(read.fieldNames()).toIterable().containsExactlyElementsOf(names);
    }

    @Property(tries = 5000)
    void whateverComesInOnlyJsonComesOut(@ForAll long seed) throws Exception {
        Generated generated = new Generated(seed);
        byte[] bytes = generated.mutated(generated.unusualBytes(generated.envelope()));
        byte[] whole = generated.surrounded(bytes);
        if (renderer.render(whole, 16, whole.length - 16, out.reset())) {
            JSON.readTree(new String(out.bytes(), 0, out.end(), StandardCharsets.UTF_8));
        } else {
            assertThat(out.end()).isZero();
        }
    }

    private String json(Envelope.Builder envelope) {
        byte[] bytes = envelope.build().toByteArray();
        assertThat(renderer.render(bytes, 0, bytes.length, out.reset())).isTrue();
        return new String(out.bytes(), 0, out.end(), StandardCharsets.UTF_8);
    }
}
