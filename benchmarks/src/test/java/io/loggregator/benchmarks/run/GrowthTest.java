package io.loggregator.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GrowthTest {
    private static final double[] AMOUNTS = {1, 4, 16};

    @Test
    void aStraightLineDoesNotBend() {
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 13, 25})).isEmpty();
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 10, 10})).isEmpty();
    }

    @Test
    void whatFlattensDoesNotBendUpward() {
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 13, 15})).isEmpty();
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 8, 7})).isEmpty();
    }

    @Test
    void fifteenPercentAboveTheLineIsToleratedAndMoreIsNot() {
        // The line through the first two goes to 25.
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 13, 25 * 1.149})).isEmpty();
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 13, 25 * 1.151})).containsExactly(2);
    }

    @Test
    void afterAFallTheLastCostIsWhatCounts() {
        // The line would go below zero.
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 8, 9.1})).isEmpty();
        assertThat(Growth.bends(AMOUNTS, new double[] {10, 8, 9.3})).containsExactly(2);
    }
}
