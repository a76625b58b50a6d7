package io.loggregator.stream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryLogTest extends LogContract {
    private static final long SMALLEST = 4096;

    @Override
    Log create(long budget) {
        return new MemoryLog(budget);
    }

    @Override
    long smallestBudget() {
        return SMALLEST;
    }

    @Override
    long overhead() {
        return Segment.INDEX_BYTES;
    }

    @Test
    void takesNoMemoryBeforeItIsUsed() {
        assertThat(new MemoryLog(1L << 40).memory()).isZero();
    }

    @Test
    void tinyBatchesDoNotMakeTheIndexOutgrowTheBudget() {
        Log log = new MemoryLog(SMALLEST);
        for (int i = 0; i < 5_000; i++) {
            log.append(new byte[2], 0, 2, 1, 0, i);
            assertThat(log.memory()).isLessThanOrEqualTo(SMALLEST);
        }
    }

    @Test
    void mostOfTheBudgetHoldsBatches() {
        long budget = 8 << 20;
        Log log = new MemoryLog(budget);
        byte[] batch = new byte[1_000];
        for (int i = 0; i < 20_000; i++) {
            log.append(batch, 0, batch.length, 1, 0, i);
        }
        assertThat(log.head() - log.tail()).isBetween(budget * 9 / 10, budget);
    }

    @Test
    void aBudgetTooSmallIsRefused() {
        assertThatThrownBy(() -> new MemoryLog(SMALLEST - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4095");
    }
}
