package io.loggregator.wire.v1;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.Generated;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.dropsonde.events.EventFactory;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Value;

/** The conversions against {@link ConversionTables}. */
class ConversionTablesTest {
    private static final String[] KEYS = {
        "source",
        "code",
        "request_id",
        "peer_type",
        "method",
        "uri",
        "remote_address",
        "user_agent",
        "status_code",
        "content_length",
        "routing_instance_id",
        "forwarded",
        "source_type",
        "__v1_type",
        "origin",
        "ip"
    };
    private static final String[] TEXTS = {
        "",
        "Error",
        "Server",
        "Client",
        "client",
        "GET",
        "VERSION_CONTROL",
        "FOO",
        "-7",
        "+12",
        "2147483648",
        "-2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "1.5",
        " 1",
        "a\nb",
        "\n",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "F47AC10B158CC243723A56740E02B2C3D479",
        "f47ac10b-58cc-4372-a567-0e02b2c3d47g"
    };
    private static final String[] METRICS = {
        "cpu", "memory", "disk", "memory_quota", "disk_quota", "instance_index", "absolute_usage"
    };
    private static final double[] NUMBERS = {0, 1, 0.5, 12.75, 4096.9, 1e12, 0x1p62, 0x1p63, 1.5e19};

    private final V1Renderer renderer = new V1Renderer(1 << 20);
    private final V1ToV2 converter = new V1ToV2(1 << 20);

    private static String text(Random random) {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private static Value value(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Value.newBuilder().setInteger(random.nextInt()).build();
            case 1 ->
                Value.newBuilder().setDecimal(random.nextInt(2000) / 8.0 - 100).build();
            case 2 -> Value.getDefaultInstance();
            default -> Value.newBuilder().setText(text(random)).build();
        };
    }

    // With the tags that mean something to some type of event, and often with a container's metrics.
    private static Envelope v2(Generated generated) {
        Random random = generated.random();
        Envelope.Builder v2 = generated.envelope().toBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            v2.putTags(KEYS[random.nextInt(KEYS.length)], text(random));
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            v2.putDeprecatedTags(KEYS[random.nextInt(KEYS.length)], value(random));
        }
        if (v2.hasTimer() && random.nextInt(4) > 0) {
            v2.putTags("request_id", "f47ac10b-58cc-4372-a567-0e02b2c3d479");
        }
        if (v2.hasGauge() && random.nextInt(3) > 0) {
            Gauge.Builder gauge = v2.getGaugeBuilder();
            for (String metric : METRICS) {
                if (random.nextInt(12) > 0) {
                    gauge.putMetrics(
                            metric,
                            GaugeValue.newBuilder()
                                    .setUnit(random.nextInt(4) > 0 ? "bytes" : "")
                                    .setValue(
                                            metric.equals("instance_index")
                                                    ? random.nextInt(2000) / 10.0
                                                    : NUMBERS[random.nextInt(NUMBERS.length)])
                                    .build());
                }
            }
        }
        return v2.build();
    }

    @Property(tries = 20000)
    void v2BecomesV1(@ForAll long seed) throws InvalidProtocolBufferException {
        Envelope v2 = v2(new Generated(seed));
        byte[] bytes = v2.toByteArray();
        BareV1 out = new BareV1();
        renderer.render(bytes, 0, bytes.length, out);
        List<EventFactory.Envelope> v1 = new ArrayList<>();
        for (int i = 0; i < out.count(); i++) {
            v1.add(EventFactory.Envelope.parseFrom(out.envelope(i)));
        }
        assertThat(v1).containsExactlyInAnyOrderElementsOf(ConversionTables.v1(v2));
    }

    @Property(tries = 20000)
    void v1BecomesV2(@ForAll long seed, @ForAll boolean preferred) throws InvalidProtocolBufferException {
        Random random = new Random(seed);
        EventFactory.Envelope.Builder builder = RoundTripPropertyTest.complete(random).toBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            builder.putTags(KEYS[random.nextInt(KEYS.length)], text(random));
        }
        if (random.nextBoolean()) {
            builder.putTags("instance_id", text(random));
        }
        if (random.nextBoolean()) {
            builder.removeTags("source_id");
        }
        EventFactory.Envelope v1 = (EventFactory.Envelope) thinned(builder, random);
        byte[] bytes = v1.toByteArray();
        ByteSink out = new ByteSink(1 << 20);
        assertThat(converter.convert(bytes, 0, bytes.length, preferred, out)).isTrue();
        assertThat(Envelope.parseFrom(Arrays.copyOf(out.bytes(), out.end())))
                .isEqualTo(ConversionTables.v2(v1, preferred));
    }

    // Without some of what v1 does not require; the event itself stays.
    private static Message thinned(Message.Builder builder, Random random) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            if (field.isMapField()) {
                continue;
            }
            boolean set = field.isRepeated() ? builder.getRepeatedFieldCount(field) > 0 : builder.hasField(field);
            boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if (set && message && !field.isRepeated()) {
                Message part = thinned(((Message) builder.getField(field)).toBuilder(), random);
                builder.setField(field, part);
            }
            boolean event = message && field.getContainingType().getName().equals("Envelope");
            if (set && !field.isRequired() && !event && random.nextInt(3) == 0) {
                builder.clearField(field);
            }
        }
        return builder.build();
    }
}
