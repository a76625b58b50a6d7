package io.loggregator.wire.v1;

import java.util.Arrays;
import java.util.Objects;

/** Rendered v1 envelopes one after the other, without frames, and where each of them lies. */
public final class BareV1 extends V1Output {
    private int[] ends = new int[16];
    private int count;

    public BareV1() {}

    @Override
    protected void finished(int from, int to) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, 2 * count);
        }
        ends[count++] = to;
        end = to;
    }

    /** Forgets all envelopes. */
    public void clear() {
        count = 0;
        end = 0;
    }

    /** How many envelopes there are. */
    public int count() {
        return count;
    }

    /** The array that the envelopes lie in, valid until the next one is rendered. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the envelope lies, counted from 0. */
    public int start(int index) {
        return index == 0 ? 0 : end(index - 1);
    }

    public int end(int index) {
        return ends[Objects.checkIndex(index, count)];
    }

    /** A copy of the envelope's bytes. */
    public byte[] envelope(int index) {
        return Arrays.copyOfRange(bytes, start(index), end(index));
    }
}
