package io.loggregator.benchmarks.load;

import java.math.BigInteger;

/**
 * The batches of one connection: its sources in turn, cut into batches. After a few batches the cut repeats, so that a
 * few prepared ones are all there is.
 */
final class SourceRing {
    private final PreparedBatch[] batches;
    private int next;

    /**
     * The sources {@code first}, {@code first + step}, … below {@code sources}.
     *
     * @throws IllegalArgumentException if there is none
     */
    SourceRing(int first, int step, int sources, int payloadBytes, int batchSize) {
        if (first >= sources) {
            throw new IllegalArgumentException("fewer sources than connections");
        }
        int own = (sources - first + step - 1) / step;
        int common = BigInteger.valueOf(own).gcd(BigInteger.valueOf(batchSize)).intValueExact();
        batches = new PreparedBatch[own / common];
        int at = 0;
        for (int i = 0; i < batches.length; i++) {
            int[] names = new int[batchSize];
            for (int k = 0; k < batchSize; k++) {
                names[k] = first + at * step;
                at = at + 1 == own ? 0 : at + 1;
            }
            batches[i] = PreparedBatch.sized(payloadBytes, names);
        }
    }

    PreparedBatch next() {
        PreparedBatch batch = batches[next];
        next = next + 1 == batches.length ? 0 : next + 1;
        return batch;
    }
}
