package io.loggregator.trafficcontroller.edge;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;

/** Remembers what it gave out, so that what nobody released is found. */
final class Allocated extends AbstractByteBufAllocator {
    /** Of the kind that servers have: Vert.x leaves others to the garbage collector. */
    private static final PooledByteBufAllocator REAL = new PooledByteBufAllocator(false);

    private final List<ByteBuf> all = new ArrayList<>();

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return remembered(REAL.heapBuffer(initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        // There is no socket that would need one.
        return remembered(REAL.heapBuffer(initialCapacity, maxCapacity));
    }

    private ByteBuf remembered(ByteBuf buffer) {
        all.add(buffer);
        return buffer;
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    /** How many buffers nobody has released. */
    long held() {
        return all.stream().filter(buffer -> buffer.refCnt() > 0).count();
    }
}
