package io.loggregator.benchmarks.jmh;

import io.loggregator.benchmarks.load.PreparedBatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Batches to measure with, taken in turn: the same bytes again and again would be learnt by the branch predictor. */
public final class Batches {
    /** Envelopes in a batch. */
    public static final int SIZE = 100;

    private static final int LEAST = 16;
    private static final long SEED = 20_240_607;

    private final byte[][] batches;
    private int next;

    /** @param sources how many sources there are logs of; in mixed order, each as often as any other, or nearly */
    public Batches(int sources) {
        int count = Math.max(LEAST, (sources + SIZE - 1) / SIZE);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count * SIZE; i++) {
            order.add(i % sources);
        }
        Collections.shuffle(order, new Random(SEED));
        batches = new byte[count][];
        for (int i = 0; i < count; i++) {
            batches[i] = PreparedBatch.of(order.subList(i * SIZE, (i + 1) * SIZE).stream()
                            .mapToInt(Integer::intValue)
                            .toArray())
                    .bytes();
        }
    }

    /** The next batch. */
    public byte[] next() {
        byte[] batch = batches[next];
        next = next + 1 == batches.length ? 0 : next + 1;
        return batch;
    }
}
