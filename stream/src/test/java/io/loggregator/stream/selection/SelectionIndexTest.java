package io.loggregator.stream.selection;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.wire.BatchCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Envelope;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.Gauge;
import org.cloudfoundry.loggregator.v2.LoggregatorEnvelope.GaugeValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the index finds is what each selector, looked at alone, takes. */
class SelectionIndexTest {
    private static final int ENVELOPES = 40;

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void aSelectionTakesWhatItsSelectorsTakeOneByOne(@ForAll long seed) throws InvalidProtocolBufferException {
        Drawn drawn = new Drawn(seed);
        Wanted wanted = drawn.wanted();
        Selection selection = wanted.selection();
        for (int i = 0; i < ENVELOPES; i++) {
            byte[] envelope = drawn.envelope();
            assertThat(selection.matches(Drawn.cursor(envelope)))
                    .as("%s of %s", wanted, Envelope.parseFrom(envelope))
                    .isEqualTo(wanted.times(Envelope.parseFrom(envelope)));
        }
    }

    @Property(tries = 300, shrinking = ShrinkingMode.OFF)
    void theIndexFindsWhoTakesAnEnvelopeAndHowOftenWhoeverCameAndWent(@ForAll long seed)
            throws InvalidProtocolBufferException {
        Drawn drawn = new Drawn(seed);
        SelectionIndex<Integer> index = new SelectionIndex<>();
        Map<Integer, Wanted> readers = new HashMap<>();
        for (int i = 0; i < ENVELOPES; i++) {
            if (drawn.random().nextInt(3) > 0) {
                Wanted wanted = drawn.wanted();
                readers.put(i, wanted);
                index.add(wanted.selection(), i);
            } else if (!readers.isEmpty()) {
                leave(index, readers, anyOf(drawn, readers));
            }
            finds(index, readers, drawn.envelope());
        }
        List.copyOf(readers.keySet()).forEach(reader -> leave(index, readers, reader));
        for (int i = 0; i < ENVELOPES; i++) {
            finds(index, readers, drawn.envelope());
        }
    }

    private static Integer anyOf(Drawn drawn, Map<Integer, Wanted> readers) {
        List<Integer> names = new ArrayList<>(readers.keySet());
        return names.get(drawn.random().nextInt(names.size()));
    }

    private static void leave(SelectionIndex<Integer> index, Map<Integer, Wanted> readers, Integer reader) {
        index.remove(readers.remove(reader).selection(), reader);
    }

    private static void finds(SelectionIndex<Integer> index, Map<Integer, Wanted> readers, byte[] bytes)
            throws InvalidProtocolBufferException {
        Envelope envelope = Envelope.parseFrom(bytes);
        Map<Integer, Integer> expected = new HashMap<>();
        readers.forEach((reader, wanted) -> {
            if (wanted.times(envelope) > 0) {
                expected.put(reader, wanted.times(envelope));
            }
        });
        Map<Integer, Integer> found = new HashMap<>();
        int times = index.match(Drawn.cursor(bytes), (reader, more) -> found.merge(reader, more, Integer::sum));
        assertThat(found).as("%s", envelope).isEqualTo(expected);
        assertThat(times)
                .isEqualTo(
                        expected.values().stream().mapToInt(Integer::intValue).sum());
    }

    /** Looking back through the gauge at each of its metrics would be thousands of millions of steps. */
    @Test
    @Timeout(20)
    void aGaugeOfVeryManyMetricsIsGoneThroughOnce() {
        SelectionIndex<Integer> index = new SelectionIndex<>();
        Gauge.Builder gauge = Gauge.newBuilder();
        for (int i = 0; i < 500_000; i++) {
            gauge.putMetrics("other-" + i, GaugeValue.getDefaultInstance());
        }
        for (int i = 0; i < 5_000; i++) {
            gauge.putMetrics("metric-" + i, GaugeValue.getDefaultInstance());
            Selector selector = new Selector("", BatchCursor.GAUGE, List.of("metric-" + i));
            index.add(Selection.of(List.of(selector), true), i);
        }
        Envelope envelope = Envelope.newBuilder().setGauge(gauge).build();

        assertThat(index.match(Drawn.cursor(envelope.toByteArray()), (reader, times) -> {}))
                .isZero();
    }

    /** Comparing each of its metrics with each name would be thousands of millions of steps. */
    @Test
    @Timeout(20)
    void aGaugeIsHeldAgainstVeryManyNames() {
        Gauge.Builder gauge = Gauge.newBuilder();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 150_000; i++) {
            names.add("metric-" + i);
            gauge.putMetrics("metric-" + i, GaugeValue.getDefaultInstance());
        }
        Selection selection = Selection.of(List.of(new Selector("", BatchCursor.GAUGE, names)), true);
        Envelope all = Envelope.newBuilder().setGauge(gauge).build();
        Envelope more = Envelope.newBuilder()
                .setGauge(gauge.putMetrics("one more", GaugeValue.getDefaultInstance()))
                .build();

        assertThat(selection.matches(Drawn.cursor(all.toByteArray()))).isEqualTo(1);
        assertThat(selection.matches(Drawn.cursor(more.toByteArray()))).isZero();
    }
}
