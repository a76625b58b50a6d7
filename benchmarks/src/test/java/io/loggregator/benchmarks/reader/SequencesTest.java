package io.loggregator.benchmarks.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private final Sequences sequences = new Sequences();

    @Test
    void countsNothingWrongWhenNothingIs() {
        for (int i = 0; i < 1_000; i++) {
            add(i);
        }

        assertThat(sequences.distinct()).isEqualTo(1_000);
        assertThat(sequences.missing(1_000)).isZero();
        assertThat(sequences.duplicates()).isZero();
        assertThat(sequences.outOfOrder()).isZero();
    }

    @Test
    void tellsALateOneFromOneThatCameTwice() {
        List.of(0, 1, 3, 2, 3, 5).forEach(this::add);

        assertThat(sequences.outOfOrder()).as("the 2").isEqualTo(1);
        assertThat(sequences.duplicates()).as("the second 3").isEqualTo(1);
        assertThat(sequences.missing(6)).as("the 4").isEqualTo(1);
    }

    @Test
    void missesWhatWasLostAtTheEnd() {
        add(0);

        assertThat(sequences.missing(100)).isEqualTo(99);
        assertThat(sequences.missing(0)).isZero();
    }

    @Test
    void whatIsLeftOutJustAfterTheReaderWasAwayIsToldApart() {
        List.of(0, 2).forEach(this::add);
        sequences.away(3);
        List.of(1, 7, 9).forEach(this::add);

        assertThat(sequences.missedAway()).as("3 to 6").isEqualTo(4);
        assertThat(sequences.missing(10)).as("and the 8").isEqualTo(5);
        assertThat(sequences.highest()).isEqualTo(9);
    }

    @Test
    void whatPassedWhileTheReaderWasAwayMayBeInSeveralPieces() {
        List.of(0, 1).forEach(this::add);
        sequences.away(8);
        List.of(4, 7, 10, 12).forEach(this::add);

        assertThat(sequences.missedAway()).as("2, 3, 5, 6, 8, 9, but not 11").isEqualTo(6);
    }

    /** Each number was sent when its time had come. */
    private boolean add(long number) {
        return sequences.add(number, number);
    }

    @Test
    void refusesNumbersThatCannotBe() {
        assertThat(add(-1)).isFalse();
        assertThat(add(Sequences.MOST)).isFalse();
        assertThat(add(Sequences.MOST - 1)).isTrue();
        assertThat(sequences.distinct()).isEqualTo(1);
    }

    @Property
    void countsAsASetDoes(
            @ForAll List<@IntRange(min = 0, max = 300) Integer> arrivals, @ForAll @IntRange(max = 300) int sent) {
        Set<Integer> seen = new HashSet<>();
        Sequences counted = new Sequences();
        int twice = 0;
        for (int number : arrivals) {
            twice += seen.add(number) ? 0 : 1;
            counted.add(number, 0);
        }

        assertThat(counted.distinct()).isEqualTo(seen.size());
        assertThat(counted.duplicates()).isEqualTo(twice);
        assertThat(counted.missing(sent))
                .isEqualTo(sent - seen.stream().filter(number -> number < sent).count());
    }
}
