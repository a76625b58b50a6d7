package io.loggregator.trafficcontroller.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.function.IntUnaryOperator;

/** A batch in one form, made once and shared by all who get it. Counted references, as its buffer. */
final class RenderedBatch {
    private final ByteBuf bytes;
    private final int[] ends;
    private final boolean complete;

    /**
     * @param bytes all envelopes; this object takes over the reference
     * @param ends where each ends; where it starts, if the form has nothing for it
     */
    RenderedBatch(ByteBuf bytes, int[] ends) {
        this.bytes = bytes;
        this.ends = ends;
        this.complete = complete(ends);
    }

    private static boolean complete(int[] ends) {
        int start = 0;
        for (int end : ends) {
            if (end == start) {
                return false;
            }
            start = end;
        }
        return true;
    }

    /** How many of those that are taken have nothing in this form. */
    int unrendered(IntUnaryOperator times) {
        int count = 0;
        for (int i = 0; !complete && i < ends.length; i++) {
            count += ends[i] == start(i) ? times.applyAsInt(i) : 0;
        }
        return count;
    }

    /** Another owner's view of it. */
    RenderedBatch shared() {
        bytes.retain();
        return this;
    }

    void release() {
        bytes.release();
    }

    /** How many envelopes there are in this form. */
    int size() {
        return ends.length;
    }

    /** All of it, shared; the caller owns the reference. */
    ByteBuf whole() {
        return bytes.retainedDuplicate();
    }

    /** One envelope, shared; the caller owns the reference. */
    ByteBuf envelope(int i) {
        int start = start(i);
        return bytes.retainedSlice(start, ends[i] - start);
    }

    /**
     * Some of the envelopes, in their order, in one buffer that the caller owns: shared where they lie side by side, else
     * a copy.
     *
     * @param times how often each is taken
     */
    ByteBuf select(IntUnaryOperator times, ByteBufAllocator allocator) {
        int first = -1;
        int behind = 0;
        boolean sideBySide = true;
        long total = 0;
        for (int i = 0; i < ends.length; i++) {
            int count = times.applyAsInt(i);
            if (count == 0) {
                continue;
            }
            if (first < 0) {
                first = i;
            } else {
                sideBySide &= i == behind;
            }
            sideBySide &= count == 1;
            behind = i + 1;
            total += (long) count * (ends[i] - start(i));
        }
        if (first < 0) {
            return Unpooled.EMPTY_BUFFER;
        }
        int from = start(first);
        if (sideBySide) {
            return bytes.retainedSlice(from, ends[behind - 1] - from);
        }
        return copy(times, first, behind, allocator.directBuffer(Math.toIntExact(total)));
    }

    /** Runs are copied at once. */
    private ByteBuf copy(IntUnaryOperator times, int first, int behind, ByteBuf copy) {
        int run = first;
        for (int i = first; i < behind; i++) {
            int count = times.applyAsInt(i);
            if (count == 1) {
                continue;
            }
            copy(run, i, copy);
            for (int n = 0; n < count; n++) {
                copy(i, i + 1, copy);
            }
            run = i + 1;
        }
        copy(run, behind, copy);
        return copy;
    }

    private void copy(int first, int behind, ByteBuf copy) {
        if (behind > first) {
            int from = start(first);
            copy.writeBytes(bytes, from, ends[behind - 1] - from);
        }
    }

    private int start(int i) {
        return i == 0 ? 0 : ends[i - 1];
    }
}
