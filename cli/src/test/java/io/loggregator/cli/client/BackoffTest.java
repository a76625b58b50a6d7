package io.loggregator.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class BackoffTest {
    @Property(tries = 50)
    void waitsTwiceAsLongEachTimeUpToTheLimitAndNeverLessThanHalfOfThat(@ForAll long seed) {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(1_000), new Random(seed));
        for (long whole : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            assertThat(backoff.nextMillis()).isBetween(whole / 2, whole);
        }
    }

    @Property(tries = 10)
    void staysAtTheLimitHoweverLongItGoesOn(@ForAll long seed) {
        Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofMillis(1_000), new Random(seed));
        for (int i = 0; i < 200; i++) {
            assertThat(backoff.nextMillis()).isBetween(50L, 1_000L);
        }
        backoff.reset();
        assertThat(backoff.nextMillis()).isBetween(50L, 100L);
    }
}
