package io.loggregator.trafficcontroller.fanout;

import io.loggregator.wire.BatchCursor;
import java.util.Arrays;

/**
 * Which envelopes a batch has: kind, source and place of each, found in one walk for all who select from it. Reused from
 * batch to batch.
 */
final class Outline {
    private final BatchCursor walk = new BatchCursor(false);
    private final BatchCursor single = new BatchCursor(false);
    private byte[] bytes = {};
    private int size;
    private int kindsSeen;
    private byte[] kinds = new byte[256];
    private int[] hashes = new int[256];
    private int[] starts = new int[256];
    private int[] envelopes = new int[256];
    private int[] ends = new int[256];

    /** Walks; what it yields is valid until the next call and while the bytes are. */
    Outline over(byte[] batch, int from, int to) {
        bytes = batch;
        size = 0;
        kindsSeen = 0;
        walk.over(batch, from, to);
        while (walk.next()) {
            if (size == ends.length) {
                grow();
            }
            kinds[size] = (byte) walk.kind();
            hashes[size] = walk.sourceIdHash();
            starts[size] = walk.recordStart();
            envelopes[size] = walk.envelopeStart();
            ends[size] = walk.envelopeEnd();
            kindsSeen |= 1 << walk.kind();
            size++;
        }
        return this;
    }

    private void grow() {
        int room = size * 2;
        kinds = Arrays.copyOf(kinds, room);
        hashes = Arrays.copyOf(hashes, room);
        starts = Arrays.copyOf(starts, room);
        envelopes = Arrays.copyOf(envelopes, room);
        ends = Arrays.copyOf(ends, room);
    }

    int size() {
        return size;
    }

    /** Bits by kind, as constants of {@link BatchCursor}: which occur. */
    int kindsSeen() {
        return kindsSeen;
    }

    int kind(int i) {
        return kinds[i];
    }

    /** {@link BatchCursor#sourceIdHash}. */
    int sourceHash(int i) {
        return hashes[i];
    }

    /** Where the record of the i-th starts. */
    int start(int i) {
        return starts[i];
    }

    /** Where the i-th itself starts. */
    int envelope(int i) {
        return envelopes[i];
    }

    /** Behind the i-th. */
    int end(int i) {
        return ends[i];
    }

    byte[] bytes() {
        return bytes;
    }

    /** A cursor that stands on the i-th; the same cursor each time. */
    BatchCursor at(int i) {
        single.over(bytes, starts[i], ends[i]).next();
        return single;
    }
}
