package io.loggregator.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LosslessSearchTest {
    private final LosslessSearch search = new LosslessSearch();

    @Property(tries = 200)
    void comesCloseToTheLimitFromBelow(@ForAll @IntRange(min = 20_000, max = 1_000_000) int limit)
            throws IOException, InterruptedException {
        double found = new LosslessSearch().highest(100_000, rate -> new Attempt(rate, rate, rate <= limit));

        assertThat(found).isBetween(limit / 1.06, (double) limit);
    }

    @Test
    void countsWhatWasSentNotWhatWasAskedFor() throws IOException, InterruptedException {
        double found = search.highest(100_000, rate -> new Attempt(rate, Math.min(rate, 180_000), true));

        assertThat(found).isEqualTo(180_000);
        assertThat(search.attempts()).hasSizeLessThanOrEqualTo(12);
    }

    @Test
    void findsNothingWhereEverythingIsLost() throws IOException, InterruptedException {
        assertThat(search.highest(100_000, rate -> new Attempt(rate, rate, false)))
                .isZero();
        assertThat(search.attempts()).hasSize(12);
    }
}
