package io.loggregator.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.Generated;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.HttpFactory.PeerType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage.MessageType;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Event;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Timer;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class V1RendererTest {
    private static final String APP = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    private static final long LOW = 0x7243cc580bc17af4L;
    private static final long HIGH = 0x79d4c3b2020e67a5L;

    private final V1Renderer renderer = new V1Renderer(65_536);

    static List<EventFactory.Envelope> all(V1Renderer by, Envelope envelope) {
        byte[] bytes = envelope.toByteArray();
        BareV1 out = new BareV1();
        int count = by.render(bytes, 0, bytes.length, out);
        assertThat(out.count()).isEqualTo(count);
        List<EventFactory.Envelope> rendered = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            try {
                rendered.add(EventFactory.Envelope.parseFrom(out.envelope(i)));
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
        return rendered;
    }

    private EventFactory.Envelope one(Envelope.Builder envelope) {
        List<EventFactory.Envelope> rendered = all(renderer, envelope.build());
        assertThat(rendered).hasSize(1);
        assertThat(renderer.skipped()).isEqualTo(V1Renderer.NOT_SKIPPED);
        return rendered.get(0);
    }

    private int skipped(Envelope.Builder envelope) {
        assertThat(all(renderer, envelope.build())).isEmpty();
        return renderer.skipped();
    }

    private static Value text(String text) {
        return Value.newBuilder().setText(text).build();
    }

    static Envelope.Builder log(String payload) {
        return Envelope.newBuilder().setLog(Log.newBuilder().setPayload(ByteString.copyFromUtf8(payload)));
    }

    @Nested
    class CommonFields {
        @Test
        void areAlwaysSetEvenWhereTheyAreEmpty() {
            EventFactory.Envelope v1 = one(log("x"));
            assertThat(v1.getOrigin()).isEmpty();
            assertThat(v1.hasTimestamp()).isTrue();
            assertThat(v1.getTimestamp()).isZero();
            assertThat(v1.hasDeployment() && v1.hasJob() && v1.hasIndex() && v1.hasIp())
                    .isTrue();
            assertThat(v1.getDeployment() + v1.getJob() + v1.getIndex() + v1.getIp())
                    .isEmpty();
            assertThat(v1.getTagsMap()).isEmpty();
        }

        @Test
        void comeFromTheirTagsWhichAreRemoved() {
            EventFactory.Envelope v1 = one(log("x").setTimestamp(1_790_000_000_123_456_789L)
                    .setSourceId("s")
                    .putTags("origin", "o")
                    .putTags("deployment", "d")
                    .putTags("job", "j")
                    .putTags("index", "i")
                    .putDeprecatedTags("ip", text("1.2.3.4"))
                    .putTags("__v1_type", "LogMessage")
                    .putTags("kept", "yes"));
            assertThat(v1.getOrigin()).isEqualTo("o");
            assertThat(v1.getTimestamp()).isEqualTo(1_790_000_000_123_456_789L);
            assertThat(v1.getDeployment()).isEqualTo("d");
            assertThat(v1.getJob()).isEqualTo("j");
            assertThat(v1.getIndex()).isEqualTo("i");
            assertThat(v1.getIp()).isEqualTo("1.2.3.4");
            assertThat(v1.getTagsMap()).containsOnly(entry("kept", "yes"), entry("source_id", "s"));
        }

        @Test
        void areLookedUpInTagsFirstWhileTheMapPrefersDeprecatedTags() {
            EventFactory.Envelope v1 = one(log("x").putTags("origin", "")
                    .putDeprecatedTags("origin", text("old"))
                    .putTags("a", "new")
                    .putDeprecatedTags("a", text("old")));
            assertThat(v1.getOrigin()).isEmpty();
            assertThat(v1.getTagsMap()).containsOnly(entry("a", "old"));
        }

        @Test
        void writeTypedTagsAsText() {
            EventFactory.Envelope v1 = one(log("x").putDeprecatedTags(
                            "i", Value.newBuilder().setInteger(-42).build())
                    .putDeprecatedTags("d", Value.newBuilder().setDecimal(123).build())
                    .putDeprecatedTags(
                            "f", Value.newBuilder().setDecimal(-0.0000015).build())
                    .putDeprecatedTags("index", Value.newBuilder().setInteger(7).build())
                    .putDeprecatedTags("job", Value.newBuilder().setDecimal(1.5).build()));
            assertThat(v1.getTagsMap())
                    .containsOnly(entry("i", "-42"), entry("d", "123.000000"), entry("f", "-0.000002"));
            assertThat(v1.getIndex()).isEqualTo("7");
            assertThat(v1.getJob()).isEqualTo("1.500000");
        }

        @Test
        void leaveOutNullValues() {
            EventFactory.Envelope v1 = one(log("x").putTags("a", "stays")
                    .putDeprecatedTags("a", Value.getDefaultInstance())
                    .putDeprecatedTags("b", Value.getDefaultInstance())
                    .putDeprecatedTags("origin", Value.getDefaultInstance()));
            assertThat(v1.getTagsMap()).containsOnly(entry("a", "stays"));
            assertThat(v1.getOrigin()).isEmpty();
        }

        @Test
        void haveTheSourceIdAmongTheTagsOnlyWhereThereIsOne() {
            assertThat(one(log("x").putTags("source_id", "tag")).getTagsMap()).containsOnly(entry("source_id", "tag"));
            assertThat(one(log("x").setSourceId("id").putTags("source_id", "tag"))
                            .getTagsMap())
                    .containsOnly(entry("source_id", "id"));
        }

        @Test
        void takeTheLastOfSeveralOccurrences() throws Exception {
            byte[] bytes = Generated.concat(List.of(
                    log("first").putTags("a", "1").setSourceId("s").build().toByteArray(),
                    log("").putTags("a", "2")
                            .setLog(Log.newBuilder().setType(Log.Type.ERR))
                            .build()
                            .toByteArray()));
            BareV1 out = new BareV1();
            assertThat(renderer.render(bytes, 0, bytes.length, out)).isEqualTo(1);
            EventFactory.Envelope v1 = EventFactory.Envelope.parseFrom(out.envelope(0));
            assertThat(v1.getLogMessage().getMessage().toStringUtf8()).isEqualTo("first");
            assertThat(v1.getLogMessage().getMessageType()).isEqualTo(MessageType.ERR);
            assertThat(v1.getTagsMap()).containsOnly(entry("a", "2"), entry("source_id", "s"));
        }

        @Test
        void keepManyTagsApart() {
            Envelope.Builder envelope = log("x");
            for (int i = 0; i < 1000; i++) {
                envelope.putTags("tag" + i, "new").putDeprecatedTags("tag" + i, text("old" + i));
            }
            Map<String, String> tags = one(envelope).getTagsMap();
            assertThat(tags).hasSize(1000).containsEntry("tag0", "old0").containsEntry("tag999", "old999");
        }
    }

    @Nested
    class Logs {
        @Test
        void becomeLogMessages() {
            EventFactory.Envelope v1 = one(log("hello")
                    .setTimestamp(5)
                    .setSourceId(APP)
                    .setInstanceId("3")
                    .putTags("source_type", "APP/PROC/WEB"));
            assertThat(v1.getEventType()).isEqualTo(EventType.LogMessage);
            assertThat(v1.getLogMessage().getMessage().toStringUtf8()).isEqualTo("hello");
            assertThat(v1.getLogMessage().getMessageType()).isEqualTo(MessageType.OUT);
            assertThat(v1.getLogMessage().getTimestamp()).isEqualTo(5);
            assertThat(v1.getLogMessage().getAppId()).isEqualTo(APP);
            assertThat(v1.getLogMessage().getSourceType()).isEqualTo("APP/PROC/WEB");
            assertThat(v1.getLogMessage().getSourceInstance()).isEqualTo("3");
            assertThat(v1.getTagsMap()).containsOnly(entry("source_id", APP));
            assertThat(renderer.log()).isTrue();
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_SOURCE);
            assertThat(renderer.routeEnd() - renderer.routeStart()).isEqualTo(APP.length());
        }

        @Test
        void setEverythingEvenWhereNothingIsKnown() {
            EventFactory.Envelope v1 = one(log(""));
            assertThat(v1.getLogMessage().hasAppId()).isTrue();
            assertThat(v1.getLogMessage().hasSourceType()).isTrue();
            assertThat(v1.getLogMessage().hasSourceInstance()).isTrue();
        }

        @Test
        void areErrWhereTheyAreNotOut() {
            assertThat(one(Envelope.newBuilder().setLog(Log.newBuilder().setTypeValue(2)))
                            .getLogMessage()
                            .getMessageType())
                    .isEqualTo(MessageType.ERR);
        }

        @Test
        void becomeErrorsByTheirTag() {
            EventFactory.Envelope v1 = one(log("broke")
                    .setSourceId(APP)
                    .putDeprecatedTags("__v1_type", text("Error"))
                    .putTags("source", "here")
                    .putTags("code", "-5")
                    .putTags("source_type", "kept"));
            assertThat(v1.getEventType()).isEqualTo(EventType.Error);
            assertThat(v1.getError().getSource()).isEqualTo("here");
            assertThat(v1.getError().getCode()).isEqualTo(-5);
            assertThat(v1.getError().getMessage()).isEqualTo("broke");
            assertThat(v1.getTagsMap()).containsOnly(entry("source_type", "kept"), entry("source_id", APP));
            assertThat(renderer.log()).isFalse();
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_SYSTEM);
        }

        @Test
        void haveErrorCodeZeroWhereItCannotBeRead() {
            for (String code : List.of("", "x", "1x", "-", "2147483648", "99999999999999999999")) {
                assertThat(one(log("").putTags("__v1_type", "Error").putTags("code", code))
                                .getError()
                                .getCode())
                        .as(code)
                        .isZero();
            }
        }
    }

    @Nested
    class Metrics {
        @Test
        void countersBecomeCounterEvents() {
            EventFactory.Envelope v1 = one(Envelope.newBuilder()
                    .setSourceId("s")
                    .setInstanceId("9")
                    .setCounter(Counter.newBuilder().setName("requests").setDelta(3)));
            assertThat(v1.getEventType()).isEqualTo(EventType.CounterEvent);
            assertThat(v1.getCounterEvent().getName()).isEqualTo("requests");
            assertThat(v1.getCounterEvent().getDelta()).isEqualTo(3);
            assertThat(v1.getCounterEvent().hasTotal()).isTrue();
            assertThat(v1.getTagsMap()).containsOnly(entry("source_id", "s"), entry("instance_id", "9"));
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_SYSTEM);
        }

        @Test
        void gaugesBecomeOneValueMetricPerMetric() {
            List<EventFactory.Envelope> v1 = all(
                    renderer,
                    Envelope.newBuilder()
                            .setInstanceId("9")
                            .setGauge(Gauge.newBuilder()
                                    .putMetrics(
                                            "a",
                                            GaugeValue.newBuilder()
                                                    .setUnit("s")
                                                    .setValue(1.5)
                                                    .build())
                                    .putMetrics("b", GaugeValue.getDefaultInstance()))
                            .build());
            assertThat(v1).hasSize(2).allSatisfy(envelope -> {
                assertThat(envelope.getEventType()).isEqualTo(EventType.ValueMetric);
                assertThat(envelope.getTagsMap()).containsOnly(entry("instance_id", "9"));
            });
            assertThat(v1.get(0).getValueMetric().getName()).isEqualTo("a");
            assertThat(v1.get(0).getValueMetric().getUnit()).isEqualTo("s");
            assertThat(v1.get(0).getValueMetric().getValue()).isEqualTo(1.5);
            assertThat(v1.get(1).getValueMetric().hasUnit()).isTrue();
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_SYSTEM);
        }

        private static Envelope.Builder container(String... units) {
            Gauge.Builder gauge = Gauge.newBuilder();
            String[] names = {"cpu", "memory", "disk", "memory_quota", "disk_quota"};
            for (int i = 0; i < names.length; i++) {
                gauge.putMetrics(
                        names[i],
                        GaugeValue.newBuilder()
                                .setUnit(units[i])
                                .setValue(i == 0 ? 12.5 : 0)
                                .build());
            }
            return Envelope.newBuilder().setSourceId(APP).setInstanceId("4").setGauge(gauge);
        }

        @Test
        void containerGaugesBecomeOneContainerMetric() {
            Envelope.Builder gauge = container("", "b", "b", "b", "b");
            gauge.getGaugeBuilder()
                    .putMetrics("memory", GaugeValue.newBuilder().setValue(1e19).build())
                    .putMetrics("other", GaugeValue.getDefaultInstance());
            EventFactory.Envelope v1 = one(gauge);
            assertThat(v1.getEventType()).isEqualTo(EventType.ContainerMetric);
            assertThat(v1.getContainerMetric())
                    .isEqualTo(ContainerMetric.newBuilder()
                            .setApplicationId(APP)
                            .setInstanceIndex(4)
                            .setCpuPercentage(12.5)
                            .setMemoryBytes(Long.parseUnsignedLong("10000000000000000000"))
                            .setDiskBytes(0)
                            .setMemoryBytesQuota(0)
                            .setDiskBytesQuota(0)
                            .build());
            assertThat(v1.getTagsMap()).containsOnly(entry("source_id", APP));
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_SOURCE);
            assertThat(renderer.log()).isFalse();
        }

        @Test
        void containerGaugesNeedAUnitOrAValueEverywhere() {
            assertThat(all(renderer, container("percentage", "", "b", "b", "b").build()))
                    .hasSize(5);
            Envelope.Builder without = container("", "b", "b", "b", "b");
            without.getGaugeBuilder().removeMetrics("disk");
            assertThat(all(renderer, without.build())).hasSize(4);
        }

        @Test
        void theInstanceIndexOfAContainerIsAMetricOrTheInstanceId() {
            Envelope.Builder gauge = container("", "b", "b", "b", "b").setInstanceId("99999999999");
            assertThat(one(gauge).getContainerMetric().getInstanceIndex()).isZero();
            gauge.getGaugeBuilder()
                    .putMetrics(
                            "instance_index",
                            GaugeValue.newBuilder().setValue(7.9).build());
            assertThat(one(gauge).getContainerMetric().getInstanceIndex()).isEqualTo(7);
        }
    }

    @Nested
    class Timers {
        private static Envelope.Builder http() {
            return Envelope.newBuilder()
                    .setSourceId(APP)
                    .setInstanceId("2")
                    .setTimer(Timer.newBuilder().setName("http").setStart(10).setStop(20))
                    .putTags("request_id", APP.toUpperCase(java.util.Locale.ROOT))
                    .putTags("peer_type", "Server")
                    .putTags("method", "VERSION_CONTROL")
                    .putTags("uri", "/u")
                    .putTags("remote_address", "r")
                    .putTags("user_agent", "a")
                    .putTags("status_code", "503")
                    .putDeprecatedTags(
                            "content_length", Value.newBuilder().setInteger(-1).build())
                    .putTags("routing_instance_id", "ri")
                    .putTags("forwarded", "f1\n\nf2")
                    .putTags("kept", "k");
        }

        @Test
        void becomeHttpStartStops() {
            EventFactory.Envelope v1 = one(http());
            assertThat(v1.getEventType()).isEqualTo(EventType.HttpStartStop);
            HttpStartStop http = v1.getHttpStartStop();
            assertThat(http.getStartTimestamp()).isEqualTo(10);
            assertThat(http.getStopTimestamp()).isEqualTo(20);
            assertThat(http.getRequestId().getLow()).isEqualTo(LOW);
            assertThat(http.getRequestId().getHigh()).isEqualTo(HIGH);
            assertThat(http.getApplicationId()).isEqualTo(http.getRequestId());
            assertThat(http.getPeerType()).isEqualTo(PeerType.Server);
            assertThat(http.getMethod()).isEqualTo(Method.VERSION_CONTROL);
            assertThat(http.getUri()).isEqualTo("/u");
            assertThat(http.getRemoteAddress()).isEqualTo("r");
            assertThat(http.getUserAgent()).isEqualTo("a");
            assertThat(http.getStatusCode()).isEqualTo(503);
            assertThat(http.getContentLength()).isEqualTo(-1);
            assertThat(http.getInstanceIndex()).isEqualTo(2);
            assertThat(http.getInstanceId()).isEqualTo("ri");
            assertThat(http.getForwardedList()).containsExactly("f1", "", "f2");
            assertThat(v1.getTagsMap()).containsOnly(entry("kept", "k"), entry("source_id", APP));
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_UUID);
            assertThat(new String(renderer.routeUuid(), java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo(APP);
        }

        @Test
        void needARequestIdAndNothingElse() {
            EventFactory.Envelope v1 = one(Envelope.newBuilder()
                    .setSourceId("gorouter")
                    .setTimer(Timer.getDefaultInstance())
                    .putTags("request_id", APP)
                    .putTags("method", "get")
                    .putTags("peer_type", "client"));
            HttpStartStop http = v1.getHttpStartStop();
            assertThat(http.getMethod()).isEqualTo(Method.GET);
            assertThat(http.getPeerType()).isEqualTo(PeerType.Client);
            assertThat(http.hasApplicationId()).isFalse();
            assertThat(http.getForwardedList()).containsExactly("");
            assertThat(http.hasInstanceIndex() && http.hasInstanceId()).isTrue();
            assertThat(renderer.route()).isEqualTo(V1Renderer.ROUTE_SYSTEM);
            assertThat(skipped(http().clone().removeTags("request_id"))).isEqualTo(V1Renderer.NO_REQUEST_ID);
            assertThat(skipped(http().putTags("request_id", "f47ac10b-58cc-4372-a567-0e02b2c3d47g")))
                    .isEqualTo(V1Renderer.NO_REQUEST_ID);
        }
    }

    @Nested
    class Skipped {
        @Test
        void isWhatV1CannotExpress() {
            assertThat(skipped(Envelope.newBuilder().setEvent(Event.newBuilder().setTitle("t"))))
                    .isEqualTo(V1Renderer.EVENT);
            assertThat(skipped(Envelope.newBuilder().setSourceId("s"))).isEqualTo(V1Renderer.NO_MESSAGE);
            assertThat(skipped(Envelope.newBuilder().setGauge(Gauge.getDefaultInstance())))
                    .isEqualTo(V1Renderer.EMPTY_GAUGE);
        }

        @Test
        void isWhatIsMalformed() {
            BareV1 out = new BareV1();
            assertThat(renderer.render(new byte[] {0x12, 9, 1}, 0, 3, out)).isZero();
            assertThat(renderer.skipped()).isEqualTo(V1Renderer.MALFORMED);
        }
    }
}
