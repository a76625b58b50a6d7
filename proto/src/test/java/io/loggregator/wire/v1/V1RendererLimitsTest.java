package io.loggregator.wire.v1;

import static io.loggregator.wire.v1.V1RendererTest.all;
import static io.loggregator.wire.v1.V1RendererTest.log;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Test;

/** What the renderer does where a v1 envelope would become too large. */
class V1RendererLimitsTest {
    private final V1Renderer small = new V1Renderer(300);

    @Test
    void cutLogsBetweenCharacters() throws Exception {
        for (int i = 0; i < 12; i++) {
            String line = "x".repeat(i) + "ä€😀".repeat(100);
            byte[] bytes = log(line).setSourceId("app").build().toByteArray();
            BareV1 out = new BareV1();
            assertThat(small.render(bytes, 0, bytes.length, out)).isEqualTo(1);
            assertThat(small.cut()).isTrue();
            assertThat(out.end(0)).isBetween(290, 300);
            String message = EventFactory.Envelope.parseFrom(out.envelope(0))
                    .getLogMessage()
                    .getMessage()
                    .toStringUtf8();
            int mark = message.indexOf(" ...[");
            String kept = message.substring(0, mark);
            assertThat(line).startsWith(kept);
            int cut = ByteString.copyFromUtf8(line).size()
                    - ByteString.copyFromUtf8(kept).size();
            assertThat(message.substring(mark)).isEqualTo(" ...[" + cut + " bytes cut]");
        }
    }

    @Test
    void cutBytesThatAreNoTextWhereverTheyMust() {
        byte[] noise = new byte[1000];
        Arrays.fill(noise, (byte) 0x80);
        Envelope envelope = Envelope.newBuilder()
                .setLog(Log.newBuilder().setPayload(ByteString.copyFrom(noise)))
                .build();
        assertThat(all(small, envelope)).hasSize(1);
        assertThat(small.cut()).isTrue();
    }

    @Test
    void leaveAloneWhatJustFits() {
        int payload = 0;
        while (all(small, log("x".repeat(payload)).build()).size() == 1 && !small.cut()) {
            payload++;
        }
        BareV1 out = new BareV1();
        byte[] bytes = log("x".repeat(payload - 1)).build().toByteArray();
        small.render(bytes, 0, bytes.length, out);
        assertThat(out.end(0)).isEqualTo(300);
    }

    @Test
    void skipWhatCannotBeCut() {
        Map<String, Envelope.Builder> large = Map.of(
                "tags",
                log("x").putTags("a", "x".repeat(400)),
                "decimals",
                log("x").putDeprecatedTags(
                                "a", Value.newBuilder().setDecimal(1e300).build()),
                "error",
                log("x".repeat(400)).putTags("__v1_type", "Error"),
                "counter",
                Envelope.newBuilder().setCounter(Counter.newBuilder().setName("x".repeat(400))));
        large.forEach((name, envelope) -> {
            assertThat(all(small, envelope.build())).as(name).isEmpty();
            assertThat(small.skipped()).as(name).isEqualTo(V1Renderer.TOO_LARGE);
        });
    }

    @Test
    void leaveOutTheValuesThatAreTooLarge() {
        Envelope gauge = Envelope.newBuilder()
                .setGauge(Gauge.newBuilder()
                        .putMetrics("a", GaugeValue.getDefaultInstance())
                        .putMetrics("x".repeat(400), GaugeValue.getDefaultInstance()))
                .build();
        assertThat(all(small, gauge)).hasSize(1);
        assertThat(small.omitted()).isEqualTo(1);
    }

    @Test
    void boundWhatOneGaugeBecomes() {
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 0; i < 250; i++) {
            gauge.putMetrics("metric" + i, GaugeValue.getDefaultInstance());
        }
        Envelope envelope = Envelope.newBuilder()
                .putTags("a", "x".repeat(200))
                .setGauge(gauge)
                .build();
        int written = all(small, envelope).size();
        assertThat(written).isBetween(16, 22);
        assertThat(small.omitted()).isEqualTo(250 - written);
    }

    @Test
    void areAtLeastOne() {
        assertThatThrownBy(() -> new V1Renderer(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
