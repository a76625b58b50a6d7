package io.loggregator.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SourceRingTest {
    @Property(tries = 100)
    void theSourcesOfAllConnectionsTakeTurns(
            @ForAll @IntRange(min = 1, max = 4) int connections,
            @ForAll @IntRange(min = 4, max = 40) int sources,
            @ForAll @IntRange(min = 1, max = 30) int batchSize) {
        long[] next = new long[sources];
        int rounds = 20;
        for (int connection = 0; connection < connections; connection++) {
            SourceRing ring = new SourceRing(connection, connections, sources, 115, batchSize);
            for (int i = 0; i < rounds; i++) {
                PreparedBatch batch = ring.next();
                assertThat(batch.size()).isEqualTo(batchSize);
                batch.stamp(1, next, 0);
            }
        }
        for (int source = 0; source < sources; source++) {
            int own = (sources - source % connections + connections - 1) / connections;
            long share = (long) rounds * batchSize / own;
            assertThat(next[source]).isBetween(share, share + 1);
        }
    }

    @Test
    void aConnectionWithoutASourceIsRefused() {
        assertThatThrownBy(() -> new SourceRing(3, 4, 3, 115, 100)).isInstanceOf(IllegalArgumentException.class);
    }
}
