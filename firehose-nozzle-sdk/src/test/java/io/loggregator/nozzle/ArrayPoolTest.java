package io.loggregator.nozzle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Which arrays a message gets, and which are kept. */
class ArrayPoolTest {
    private static final int SMALLEST = 256;
    private static final int LARGEST = 1 << 20;

    private final ArrayPool pool = new ArrayPool(LARGEST);

    @Test
    void anArrayHasRoomAndAFifthOfItIsEmptyAtMost() {
        for (int length = 1; length <= LARGEST; length += 1 + length / 100) {
            assertThat(pool.take(length).length)
                    .as("%d bytes", length)
                    .isGreaterThanOrEqualTo(length)
                    .isLessThanOrEqualTo(Math.max(SMALLEST, length + (length - 1) / 4));
        }
        for (int power = SMALLEST; power <= LARGEST; power *= 2) {
            assertThat(pool.take(power)).hasSize(power);
            assertThat(pool.take(power - 1)).hasSize(power);
        }
    }

    @Test
    void whatIsGivenBackIsUsedAgain() {
        for (int length = SMALLEST; length <= LARGEST; length += 1 + length / 10) {
            byte[] array = pool.take(length);
            pool.giveBack(array);
            assertThat(pool.take(length)).as("%d bytes", length).isSameAs(array);
        }
    }

    @Test
    void noMoreIsKeptThanWasSaid() {
        byte[] half = pool.take(LARGEST / 2);
        byte[] most = pool.take(LARGEST);
        pool.giveBack(half);
        pool.giveBack(most);
        assertThat(pool.take(LARGEST)).isNotSameAs(most);
        assertThat(pool.take(LARGEST / 2)).isSameAs(half);
    }

    @Test
    void whatIsNotOfThePoolsLengthsOrLargerThanAnyIsLeft() {
        byte[] odd = new byte[SMALLEST + 1];
        byte[] small = new byte[SMALLEST - 1];
        byte[] huge = pool.take(LARGEST + 1);
        pool.giveBack(odd);
        pool.giveBack(small);
        pool.giveBack(huge);
        assertThat(pool.take(SMALLEST + 1)).isNotSameAs(odd);
        assertThat(pool.take(SMALLEST - 1)).isNotSameAs(small);
        assertThat(huge).hasSize(LARGEST + 1);
    }
}
