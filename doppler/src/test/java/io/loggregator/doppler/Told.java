package io.loggregator.doppler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a reader has got and what it was told to have lost, of envelopes numbered from 0. Nothing may come twice or out of
 * order, and of what is missing it must have been told before whatever comes after it.
 */
final class Told {
    private long told;
    private long missed;
    private int next;
    private int got;
    private int lags;

    void came(int number) {
        assertThat(number).as("once and in order").isGreaterThanOrEqualTo(next);
        missed += number - next;
        assertThat(missed).as("told of what is missing before %s", number).isLessThanOrEqualTo(told);
        next = number + 1;
        got++;
    }

    /** It was told that it lags. */
    void lags() {
        assertThat(told).as("lost before it was told that it lags").isZero();
        lags++;
    }

    /** How often it was told that. */
    int lagsBeforeLoss() {
        return lags;
    }

    void lost(long count) {
        told += count;
    }

    /** How many envelopes have come or are known to be lost. */
    long accountedFor() {
        return got + told;
    }
}
