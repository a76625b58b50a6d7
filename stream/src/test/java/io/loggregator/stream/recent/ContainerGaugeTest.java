package io.loggregator.stream.recent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Counter;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ContainerGaugeTest {
    private static final List<String> KEYS = List.of("cpu", "memory", "disk", "memory_quota", "disk_quota");
    private static final long NOT_ONE = ContainerGauge.NOT_ONE;

    static Stream<Arguments> rows() {
        return Stream.of(
                arguments("all five with unit and value", complete(), 0L),
                arguments("units with value 0 qualify", all("percent", 0), 0L),
                arguments("values without unit qualify", all("", 1.5), 0L),
                arguments("neither unit nor value", all("", 0), NOT_ONE),
                arguments("one of five with neither", put(complete(), "disk", "", 0), NOT_ONE),
                arguments("one of five with minus 0", put(complete(), "disk", "", -0.0), NOT_ONE),
                arguments("not a number is not 0", put(complete(), "disk", "", Double.NaN), 0L),
                arguments("more metrics do not matter", put(complete(), "absolute_usage", "", 0), 0L),
                arguments("a single metric", put(Envelope.newBuilder(), "cpu", "percentage", 1), NOT_ONE),
                arguments("no metric", Envelope.newBuilder().setGauge(Gauge.getDefaultInstance()), NOT_ONE),
                arguments("another kind", Envelope.newBuilder().setCounter(Counter.getDefaultInstance()), NOT_ONE),
                arguments("instance id", complete().setInstanceId("17"), 17L),
                arguments("negative instance id", complete().setInstanceId("-2147483648"), (long) Integer.MIN_VALUE),
                arguments("instance id with plus", complete().setInstanceId("+3"), 3L),
                arguments("instance id beyond 32 bits", complete().setInstanceId("2147483648"), 0L),
                arguments("endless instance id", complete().setInstanceId("9".repeat(40)), 0L),
                arguments("instance id that is only a sign", complete().setInstanceId("-"), 0L),
                arguments("instance id that is text", complete().setInstanceId("web-1"), 0L),
                arguments("index metric", put(complete().setInstanceId("17"), "instance_index", "", 4.9), 4L),
                arguments("index metric of value 0", put(complete().setInstanceId("17"), "instance_index", "", 0), 0L),
                arguments("negative index metric", put(complete(), "instance_index", "", -4.9), -4L));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void recognisesWhatTheConversionRecognises(String name, Envelope.Builder envelope, long expected) {
        assertThat(index(envelope.build().toByteArray())).as(name).isEqualTo(expected);
    }

    static Stream<Arguments> missing() {
        return KEYS.stream().map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("missing")
    void allFiveKeysAreRequired(String key) {
        Envelope.Builder envelope = complete();
        envelope.getGaugeBuilder().removeMetrics(key).putMetrics(key + "s", GaugeValue.getDefaultInstance());
        assertThat(index(envelope.build().toByteArray())).isEqualTo(NOT_ONE);
    }

    @Test
    void theLastOfSeveralValuesCounts() {
        byte[] five = complete().setInstanceId("1").build().toByteArray();
        byte[] empty = put(Envelope.newBuilder(), "cpu", "", 0).build().toByteArray();
        byte[] index = put(Envelope.newBuilder().setInstanceId("2"), "instance_index", "", 7)
                .build()
                .toByteArray();
        byte[] counter = Envelope.newBuilder()
                .setCounter(Counter.newBuilder().setName("c"))
                .build()
                .toByteArray();

        assertThat(index(concat(five, empty))).isEqualTo(NOT_ONE);
        assertThat(index(concat(empty, five))).isEqualTo(1);
        assertThat(index(concat(five, index))).isEqualTo(7);
        assertThat(index(concat(five, counter))).isEqualTo(NOT_ONE);
        assertThat(index(concat(counter, five))).isEqualTo(1);
    }

    @Test
    void unknownFieldsAndGroupsAreSkipped() {
        byte[] five = complete().setInstanceId("5").build().toByteArray();
        // Field 20 as a group that holds a varint and a group, field 21 as 32 bits.
        byte[] unknown = {(byte) 0xA3, 1, 8, 1, 0x0B, 0x0C, (byte) 0xA4, 1, (byte) 0xAD, 1, 1, 2, 3, 4};
        assertThat(index(concat(unknown, five))).isEqualTo(5);
    }

    @Test
    void truncatedBytesAreNeverAContainerMetricOrStillAllOfOne() {
        byte[] bytes = complete().setInstanceId("12").build().toByteArray();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThat(index(cut)).as("first %d bytes", length).isIn(NOT_ONE, 0L, 12L);
        }
        assertThat(index(bytes)).isEqualTo(12);
    }

    @Property
    void garbageIsReadWithinItsBounds(@ForAll byte[] garbage, @ForAll long seed) {
        index(garbage);
        byte[] bytes = put(complete(), "instance_index", "i", 3).build().toByteArray();
        new Random(seed).ints(3, 0, bytes.length).forEach(at -> bytes[at] ^= (byte) ((seed >>> 8) | 1));
        assertThat(index(bytes))
                .satisfiesAnyOf(
                        i -> assertThat(i).isEqualTo(NOT_ONE),
                        i -> assertThat(i).isBetween((long) Integer.MIN_VALUE, (long) Integer.MAX_VALUE));
    }

    private static long index(byte[] envelope) {
        byte[] framed = concat(new byte[] {1, 2, 3}, concat(envelope, new byte[] {-1, -1}));
        return ContainerGauge.instanceIndex(framed, 3, 3 + envelope.length);
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    private static Envelope.Builder complete() {
        return all("bytes", 1);
    }

    private static Envelope.Builder all(String unit, double value) {
        Envelope.Builder envelope = Envelope.newBuilder();
        KEYS.forEach(key -> put(envelope, key, unit, value));
        return envelope;
    }

    private static Envelope.Builder put(Envelope.Builder envelope, String key, String unit, double value) {
        envelope.getGaugeBuilder()
                .putMetrics(
                        key,
                        GaugeValue.newBuilder().setUnit(unit).setValue(value).build());
        return envelope;
    }
}
