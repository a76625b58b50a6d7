package io.loggregator.trafficcontroller.streamv2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.loggregator.stream.selection.Selection;
import io.loggregator.streaming.v2.Start;
import io.loggregator.trafficcontroller.subscription.Refinement;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.CounterSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.GaugeSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.LogSelector;
import org.cloudfoundry.loggregator.v2.LoggregatorEgress.Selector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a start asks for is no more than every Doppler takes. */
class WishTest {
    private static final Selector LOG =
            Selector.newBuilder().setLog(LogSelector.getDefaultInstance()).build();
    private static final String LONGEST = "ü".repeat(512);
    private static final Wish FIREHOSE = new Wish("a", "", Selection.ALL, Refinement.NONE);

    static Stream<Arguments> refused() {
        String tooLong = LONGEST + "a";
        Wish app = new Wish("", "a".repeat(1_000), Selection.ALL, Refinement.NONE);
        return Stream.of(
                Arguments.of(FIREHOSE, selecting(gauges(501)), "more than 1000 selectors"),
                Arguments.of(app, selecting(Collections.nCopies(70, LOG)), "selectors of more than 65536 bytes"),
                Arguments.of(FIREHOSE, selecting(List.of(ofSource(tooLong))), "a name of more than 1024 bytes"),
                Arguments.of(FIREHOSE, selecting(List.of(counter(tooLong))), "a name of more than 1024 bytes"),
                Arguments.of(
                        FIREHOSE, Start.newBuilder().setDeterministicName(tooLong), "a name of more than 1024 bytes"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aStartThatNoDopplerWouldTakeIsRefused(Wish wish, Start.Builder start, String why) {
        assertThatExceptionOfType(Violation.class)
                .isThrownBy(() -> wish.narrowed(start.build()))
                .satisfies(violation -> assertThat(violation.code()).isEqualTo(Violation.POLICY))
                .withMessage(why);
    }

    @Test
    void asMuchAsADopplerTakesIsServed() throws Violation {
        assertThat(FIREHOSE.narrowed(selecting(gauges(500)).build()).selection().selectors())
                .hasSize(500);
        Start longest = selecting(List.of(ofSource(LONGEST), counter(LONGEST)))
                .setDeterministicName(LONGEST)
                .build();
        assertThat(FIREHOSE.narrowed(longest).deterministicName()).isEqualTo(LONGEST);
    }

    private static Start.Builder selecting(List<Selector> selectors) {
        return Start.newBuilder().addAllSelectors(selectors);
    }

    /** Each with one name. */
    private static List<Selector> gauges(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Selector.newBuilder()
                        .setGauge(GaugeSelector.newBuilder().addNames("n" + i))
                        .build())
                .toList();
    }

    private static Selector counter(String name) {
        return Selector.newBuilder()
                .setCounter(CounterSelector.newBuilder().setName(name))
                .build();
    }

    private static Selector ofSource(String source) {
        return LOG.toBuilder().setSourceId(source).build();
    }
}
