package io.loggregator.wire;

import java.util.Objects;

/**
 * Walks from envelope to envelope of a batch without looking into them: for readers that read each envelope themselves.
 * Reused; allocates nothing.
 */
public final class BatchRecords {
    private static final int BATCH_TAG = 1 << 3 | ProtoBytes.DELIMITED;

    private byte[] bytes = {};
    private int position;
    private int limit;
    private int start;
    private int end;

    /** Starts over with {@code bytes[from, to)}; returns this. */
    public BatchRecords over(byte[] batch, int from, int to) {
        Objects.checkFromToIndex(from, to, batch.length);
        bytes = batch;
        position = from;
        limit = to;
        return this;
    }

    /** Moves to the next envelope. False at the end of the range, or where what comes next cannot be framed. */
    public boolean next() {
        while (position < limit) {
            long tag = ProtoBytes.tag(bytes, position, limit);
            if (tag < 0) {
                return false;
            }
            int behind = ProtoBytes.high(tag);
            if (ProtoBytes.low(tag) == BATCH_TAG) {
                long span = ProtoBytes.span(bytes, behind, limit);
                if (span < 0) {
                    return false;
                }
                start = ProtoBytes.high(span);
                end = ProtoBytes.low(span);
                position = end;
                return true;
            }
            position = ProtoBytes.skip(bytes, behind, limit, ProtoBytes.low(tag), 0);
            if (position < 0) {
                return false;
            }
        }
        return false;
    }

    /** Where the current envelope starts. */
    public int start() {
        return start;
    }

    /** Behind the current envelope's last byte. */
    public int end() {
        return end;
    }
}
