package io.loggregator.trafficcontroller.fanout;

import io.loggregator.wire.BatchCursor;

/** Envelopes of a batch by their number, asked for in their order; walks only if it is asked. */
final class Nth {
    private final BatchCursor cursor = new BatchCursor(false);
    private byte[] bytes;
    private int from;
    private int to;
    private int number;

    /** Starts with a batch. */
    void over(byte[] batch, int start, int end) {
        bytes = batch;
        from = start;
        to = end;
        number = -1;
    }

    /** A cursor on the envelope of that number, which there is, counted from 0 and not below the last asked for. */
    BatchCursor at(int wanted) {
        if (number < 0) {
            cursor.over(bytes, from, to);
        }
        while (number < wanted) {
            cursor.next();
            number++;
        }
        return cursor;
    }
}
