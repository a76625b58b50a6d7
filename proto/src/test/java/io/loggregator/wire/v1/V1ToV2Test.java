package io.loggregator.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.Generated;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.cloudfoundry.dropsonde.events.ErrorFactory;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope;
import org.cloudfoundry.dropsonde.events.EventFactory.Envelope.EventType;
import org.cloudfoundry.dropsonde.events.HttpFactory.HttpStartStop;
import org.cloudfoundry.dropsonde.events.HttpFactory.Method;
import org.cloudfoundry.dropsonde.events.HttpFactory.PeerType;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage;
import org.cloudfoundry.dropsonde.events.LogFactory.LogMessage.MessageType;
import org.cloudfoundry.dropsonde.events.MetricFactory.ContainerMetric;
import org.cloudfoundry.dropsonde.events.MetricFactory.CounterEvent;
import org.cloudfoundry.dropsonde.events.MetricFactory.ValueMetric;
import org.cloudfoundry.dropsonde.events.UuidFactory.UUID;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Log;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class V1ToV2Test {
    private static final String APP = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    private static final UUID APP_UUID = UUID.newBuilder()
            .setLow(0x7243cc580bc17af4L)
            .setHigh(0x79d4c3b2020e67a5L)
            .build();

    private final V1ToV2 converter = new V1ToV2(1 << 20);

    private static Envelope.Builder v1(EventType type) {
        return Envelope.newBuilder().setOrigin("o").setEventType(type);
    }

    private static Envelope.Builder log() {
        return v1(EventType.LogMessage)
                .setLogMessage(LogMessage.newBuilder()
                        .setMessage(ByteString.copyFromUtf8("hello"))
                        .setMessageType(MessageType.ERR)
                        .setTimestamp(1));
    }

    private LoggregatorEnvelope.Envelope converted(byte[] bytes, boolean preferredTags) {
        ByteSink out = new ByteSink(1 << 20);
        assertThat(converter.convert(bytes, 0, bytes.length, preferredTags, out))
                .isTrue();
        assertThat(out.full()).isFalse();
        try {
            return LoggregatorEnvelope.Envelope.parseFrom(Arrays.copyOf(out.bytes(), out.end()));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** The conversion with preferred tags, after a look at whether the other one tells the same. */
    private LoggregatorEnvelope.Envelope converted(Envelope.Builder envelope) {
        byte[] bytes = envelope.build().toByteArray();
        LoggregatorEnvelope.Envelope v2 = converted(bytes, true);
        LoggregatorEnvelope.Envelope deprecated = converted(bytes, false);
        assertThat(v2.getDeprecatedTagsMap()).isEmpty();
        assertThat(deprecated.getTagsMap()).isEmpty();
        Map<String, String> texts = new HashMap<>();
        deprecated.getDeprecatedTagsMap().forEach((key, value) -> {
            assertThat(value.hasText()).isTrue();
            texts.put(key, value.getText());
        });
        assertThat(texts).isEqualTo(v2.getTagsMap());
        assertThat(deprecated.toBuilder().clearDeprecatedTags().build())
                .isEqualTo(v2.toBuilder().clearTags().build());
        return v2;
    }

    private boolean refused(byte[] bytes) {
        ByteSink out = new ByteSink(1 << 20);
        boolean refused = !converter.convert(bytes, 0, bytes.length, true, out);
        assertThat(out.end() == 0).isEqualTo(refused);
        return refused;
    }

    @Nested
    class CommonFields {
        @Test
        void areAlwaysAmongTheTagsEvenWhereTheyAreEmpty() {
            LoggregatorEnvelope.Envelope v2 = converted(log());
            assertThat(v2.getTimestamp()).isZero();
            assertThat(v2.getTagsMap())
                    .containsOnly(
                            entry("origin", "o"),
                            entry("deployment", ""),
                            entry("job", ""),
                            entry("index", ""),
                            entry("ip", ""),
                            entry("__v1_type", "LogMessage"),
                            entry("source_type", ""));
            assertThat(v2.getSourceId()).isEqualTo("/");
        }

        @Test
        void standOverTagsOfTheSameName() {
            LoggregatorEnvelope.Envelope v2 = converted(log().setTimestamp(7)
                    .setDeployment("d")
                    .setJob("j")
                    .setIndex("i")
                    .setIp("p")
                    .putTags("origin", "wrong")
                    .putTags("job", "wrong")
                    .putTags("__v1_type", "wrong")
                    .putTags("a", "b"));
            assertThat(v2.getTimestamp()).isEqualTo(7);
            assertThat(v2.getSourceId()).isEqualTo("d/j");
            assertThat(v2.getTagsMap())
                    .containsOnly(
                            entry("origin", "o"),
                            entry("deployment", "d"),
                            entry("job", "j"),
                            entry("index", "i"),
                            entry("ip", "p"),
                            entry("__v1_type", "LogMessage"),
                            entry("source_type", ""),
                            entry("a", "b"));
        }

        @Test
        void takeTheSourceIdFromItsTagEvenIfItIsEmpty() {
            assertThat(converted(log().putTags("source_id", "s")).getSourceId()).isEqualTo("s");
            assertThat(converted(log().putTags("source_id", "s")).getTagsMap()).doesNotContainKey("source_id");
            assertThat(converted(log().putTags("source_id", "").setJob("j")).getSourceId())
                    .isEmpty();
        }
    }

    @Nested
    class Events {
        @Test
        void logMessagesBecomeLogs() {
            Envelope.Builder envelope = log().putTags("source_id", "s");
            envelope.getLogMessageBuilder()
                    .setAppId("app")
                    .setSourceType("RTR")
                    .setSourceInstance("3")
                    .setMessage(ByteString.copyFrom(new byte[] {(byte) 0xFF, 0}));
            LoggregatorEnvelope.Envelope v2 = converted(envelope);
            assertThat(v2.getSourceId()).isEqualTo("app");
            assertThat(v2.getInstanceId()).isEqualTo("3");
            assertThat(v2.getTagsMap()).containsEntry("source_type", "RTR");
            assertThat(v2.getLog().getType()).isEqualTo(Log.Type.ERR);
            assertThat(v2.getLog().getPayload().toByteArray()).containsExactly(0xFF, 0);
            envelope.getLogMessageBuilder().setMessageType(MessageType.OUT);
            assertThat(converted(envelope).getLog().getType()).isEqualTo(Log.Type.OUT);
        }

        @Test
        void errorsBecomeLogs() {
            LoggregatorEnvelope.Envelope v2 = converted(v1(EventType.Error)
                    .setError(ErrorFactory.Error.newBuilder()
                            .setSource("here")
                            .setCode(-7)
                            .setMessage("broke"))
                    .putTags("code", "wrong"));
            assertThat(v2.getLog().getPayload().toStringUtf8()).isEqualTo("broke");
            assertThat(v2.getLog().getType()).isEqualTo(Log.Type.OUT);
            assertThat(v2.getInstanceId()).isEmpty();
            assertThat(v2.getTagsMap())
                    .containsEntry("source", "here")
                    .containsEntry("code", "-7")
                    .containsEntry("__v1_type", "Error");
        }

        @Test
        void counterEventsBecomeCounters() {
            LoggregatorEnvelope.Envelope v2 = converted(v1(EventType.CounterEvent)
                    .setCounterEvent(
                            CounterEvent.newBuilder().setName("c").setDelta(0).setTotal(-1))
                    .putTags("instance_id", "4"));
            assertThat(v2.getCounter().getName()).isEqualTo("c");
            assertThat(v2.getCounter().getDelta()).isZero();
            assertThat(v2.getCounter().getTotal()).isEqualTo(-1);
            assertThat(v2.getInstanceId()).isEqualTo("4");
            assertThat(v2.getTagsMap()).doesNotContainKey("instance_id");
        }

        @Test
        void valueMetricsBecomeGaugesOfOneMetric() {
            LoggregatorEnvelope.Envelope v2 = converted(v1(EventType.ValueMetric)
                    .setValueMetric(
                            ValueMetric.newBuilder().setName("v").setValue(-0.5).setUnit("s"))
                    .putTags("instance_id", "4"));
            assertThat(v2.getGauge().getMetricsMap())
                    .containsOnly(entry(
                            "v",
                            GaugeValue.newBuilder().setUnit("s").setValue(-0.5).build()));
            assertThat(v2.getInstanceId()).isEqualTo("4");
            assertThat(v2.getTagsMap()).containsEntry("instance_id", "4");
        }

        @Test
        void containerMetricsBecomeGaugesOfFiveMetrics() {
            LoggregatorEnvelope.Envelope v2 = converted(v1(EventType.ContainerMetric)
                    .setContainerMetric(ContainerMetric.newBuilder()
                            .setApplicationId("app")
                            .setInstanceIndex(-2)
                            .setCpuPercentage(12.5)
                            .setMemoryBytes(-1)
                            .setDiskBytes(3)));
            assertThat(v2.getSourceId()).isEqualTo("app");
            assertThat(v2.getInstanceId()).isEqualTo("-2");
            assertThat(v2.getGauge().getMetricsMap())
                    .containsOnly(
                            entry("cpu", gaugeValue("percentage", 12.5)),
                            entry("memory", gaugeValue("bytes", 0x1p64)),
                            entry("disk", gaugeValue("bytes", 3)),
                            entry("memory_quota", gaugeValue("bytes", 0)),
                            entry("disk_quota", gaugeValue("bytes", 0)));
        }

        private static GaugeValue gaugeValue(String unit, double value) {
            return GaugeValue.newBuilder().setUnit(unit).setValue(value).build();
        }

        @Test
        void httpStartStopsBecomeTimers() {
            LoggregatorEnvelope.Envelope v2 = converted(http());
            assertThat(v2.getSourceId()).isEqualTo(APP);
            assertThat(v2.getInstanceId()).isEqualTo("6");
            assertThat(v2.getTimer().getName()).isEqualTo("http");
            assertThat(v2.getTimer().getStart()).isEqualTo(1);
            assertThat(v2.getTimer().getStop()).isEqualTo(2);
            assertThat(v2.getTagsMap())
                    .containsEntry("request_id", APP)
                    .containsEntry("peer_type", "Server")
                    .containsEntry("method", "PUT")
                    .containsEntry("uri", "/u")
                    .containsEntry("remote_address", "r")
                    .containsEntry("user_agent", "a")
                    .containsEntry("status_code", "200")
                    .containsEntry("content_length", "-1")
                    .containsEntry("routing_instance_id", "ri")
                    .containsEntry("forwarded", "f1\nf2")
                    .containsEntry("__v1_type", "HttpStartStop");
        }

        @Test
        void httpStartStopsOfNoAppKeepTheSourceId() {
            Envelope.Builder envelope = http().putTags("source_id", "gorouter");
            envelope.getHttpStartStopBuilder()
                    .setApplicationId(UUID.newBuilder().setLow(0).setHigh(0));
            assertThat(converted(envelope).getSourceId()).isEqualTo("gorouter");
            envelope.getHttpStartStopBuilder()
                    .clearApplicationId()
                    .clearInstanceIndex()
                    .clearForwarded();
            LoggregatorEnvelope.Envelope v2 = converted(envelope);
            assertThat(v2.getSourceId()).isEqualTo("gorouter");
            assertThat(v2.getInstanceId()).isEqualTo("0");
            assertThat(v2.getTagsMap()).containsEntry("forwarded", "");
        }

        private static Envelope.Builder http() {
            return v1(EventType.HttpStartStop)
                    .setHttpStartStop(HttpStartStop.newBuilder()
                            .setStartTimestamp(1)
                            .setStopTimestamp(2)
                            .setRequestId(APP_UUID)
                            .setPeerType(PeerType.Server)
                            .setMethod(Method.PUT)
                            .setUri("/u")
                            .setRemoteAddress("r")
                            .setUserAgent("a")
                            .setStatusCode(200)
                            .setContentLength(-1)
                            .setApplicationId(APP_UUID)
                            .setInstanceIndex(6)
                            .setInstanceId("ri")
                            .addForwarded("f1")
                            .addForwarded("f2"));
        }

        @Test
        void withoutTheirMessageBecomeEmptyOnes() {
            assertThat(converted(v1(EventType.LogMessage)).hasLog()).isTrue();
            assertThat(converted(v1(EventType.HttpStartStop)).getTagsMap())
                    .containsEntry("request_id", "00000000-0000-0000-0000-000000000000")
                    .containsEntry("peer_type", "Client")
                    .containsEntry("method", "GET");
        }

        @Test
        void ofUnknownTypesHaveNoMessage() {
            byte[] bytes = Generated.written(out -> {
                out.writeString(1, "o");
                out.writeInt32(2, 2);
            });
            LoggregatorEnvelope.Envelope v2 = converted(bytes, true);
            assertThat(v2.getMessageCase()).isEqualTo(LoggregatorEnvelope.Envelope.MessageCase.MESSAGE_NOT_SET);
            assertThat(v2.getTagsMap()).containsEntry("__v1_type", "2").containsEntry("origin", "o");
        }

        @Test
        void withUnknownEnumNumbersPass() {
            byte[] http = Generated.concat(List.of(
                    http().getHttpStartStop().toByteArray(),
                    UnknownFieldSet.newBuilder()
                            .addField(
                                    4,
                                    UnknownFieldSet.Field.newBuilder()
                                            .addVarint(0)
                                            .build())
                            .addField(
                                    5,
                                    UnknownFieldSet.Field.newBuilder()
                                            .addVarint(99)
                                            .build())
                            .build()
                            .toByteArray()));
            byte[] bytes = Generated.written(out -> {
                out.writeByteArray(7, http);
                out.writeInt32(2, EventType.HttpStartStop_VALUE);
                out.writeString(1, "o");
            });
            assertThat(converted(bytes, true).getTagsMap())
                    .containsEntry("peer_type", "0")
                    .containsEntry("method", "99")
                    .containsEntry("uri", "/u");
        }
    }

    @Nested
    class Refused {
        @Test
        void isWhatLacksARequiredField() {
            for (Message whole : List.of(
                    log().build(), Events.http().build(), v1(EventType.Error).build())) {
                for (var field : whole.getDescriptorForType().getFields()) {
                    if (field.isRequired()) {
                        Message without = whole.toBuilder().clearField(field).buildPartial();
                        assertThat(refused(without.toByteArray()))
                                .as(field.getFullName())
                                .isTrue();
                    }
                }
            }
            for (var field : HttpStartStop.getDescriptor().getFields()) {
                HttpStartStop http = Events.http().getHttpStartStop().toBuilder()
                        .clearField(field)
                        .buildPartial();
                byte[] bytes =
                        Events.http().setHttpStartStop(http).buildPartial().toByteArray();
                assertThat(refused(bytes)).as(field.getFullName()).isEqualTo(field.isRequired());
            }
        }

        @Test
        void isTextThatV2CannotCarry() {
            byte[] bytes = Generated.written(out -> {
                out.writeByteArray(1, new byte[] {(byte) 0xC0});
                out.writeInt32(2, 5);
            });
            assertThat(refused(bytes)).isTrue();
        }

        @Test
        void isWhatIsTooLarge() {
            byte[] bytes = log().putTags("a", "x".repeat(200)).build().toByteArray();
            ByteSink out = new ByteSink(1000);
            assertThat(new V1ToV2(200).convert(bytes, 0, bytes.length, true, out))
                    .isFalse();
            assertThat(new V1ToV2(bytes.length).convert(bytes, 0, bytes.length, true, out))
                    .isTrue();
        }
    }
}
