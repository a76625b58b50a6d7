package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.selection.Selection;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** A batch as v1 frames, made once and shared by all who get it. Counted references, as its buffer. */
final class RenderedBatch {
    private final ByteBuf frames;
    private final int[] ends;
    private final boolean[] logs;

    /**
     * @param frames all frames; this object takes over the reference
     * @param ends where each v1 envelope's frame ends
     * @param logs whether it is a LogMessage
     */
    RenderedBatch(ByteBuf frames, int[] ends, boolean[] logs) {
        this.frames = frames;
        this.ends = ends;
        this.logs = logs;
    }

    RenderedBatch retain() {
        frames.retain();
        return this;
    }

    void release() {
        frames.release();
    }

    /** How many v1 envelopes. */
    int size() {
        return ends.length;
    }

    /** Hands over buffers that together hold the frames a filter takes; the receiver owns a reference to each. */
    int select(Selection filter, Consumer<ByteBuf> receiver) {
        if (ends.length == 0) {
            return 0;
        }
        if (filter.equals(Selection.ALL)) {
            receiver.accept(frames.retainedDuplicate());
            return ends.length;
        }
        int taken = 0;
        int start = 0;
        for (int i = 0; i < ends.length; i++) {
            if (!filter.takes(logs[i])) {
                continue;
            }
            if (i == 0 || !filter.takes(logs[i - 1])) {
                start = start(i);
            }
            taken++;
            if (i + 1 == ends.length || !filter.takes(logs[i + 1])) {
                receiver.accept(frames.retainedSlice(start, ends[i] - start));
            }
        }
        return taken;
    }

    /** The frame of one v1 envelope; the receiver owns the reference. */
    ByteBuf frame(int i) {
        int start = start(i);
        return frames.retainedSlice(start, ends[i] - start);
    }

    private int start(int i) {
        return i == 0 ? 0 : ends[i - 1];
    }
}
