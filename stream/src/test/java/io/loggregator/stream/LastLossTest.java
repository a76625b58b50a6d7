package io.loggregator.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class LastLossTest {
    private final LastLoss lapped = LastLoss.with(null, "lapped", 5, 10_000);

    @Test
    void aLossForAnotherReasonIsAnotherOccasion() {
        assertThat(LastLoss.with(lapped, "link_down", 2, 10_001))
                .isEqualTo(new LastLoss("link_down", 2, 10_001, 10_001));
    }

    @Test
    void anOccasionHasNoNumberOnceSomethingOfItHasNone() {
        LastLoss unknown = LastLoss.with(lapped, "lapped", 0, 10_500);
        assertThat(unknown).isEqualTo(new LastLoss("lapped", 0, 10_000, 10_500));
        assertThat(LastLoss.with(unknown, "lapped", 7, 11_000)).isEqualTo(new LastLoss("lapped", 0, 10_000, 11_000));
        assertThat(LastLoss.with(unknown, "lapped", 7, 11_501)).isEqualTo(new LastLoss("lapped", 7, 11_501, 11_501));
    }

    @Test
    void whenItWasIsToldByTheSystemsClock() {
        long now = SteadyClock.millis();
        LastLoss loss = LastLoss.with(LastLoss.with(null, "lapped", 1, now), "lapped", 1, now + 400);
        assertThat(loss.from())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
        assertThat(loss.to()).isAfter(loss.from());
    }
}
