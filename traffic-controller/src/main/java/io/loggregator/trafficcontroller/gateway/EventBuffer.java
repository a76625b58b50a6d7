package io.loggregator.trafficcontroller.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;

/** Joins JSON objects to an event without copying them. Owned by one stream. */
final class EventBuffer {
    /** Bytes that are written at once: small enough that a client which reads slowly is seen to read. */
    private static final int WRITE_BYTES = 64 * 1024;

    private static final ByteBuf TAIL = Unpooled.unreleasableBuffer(Unpooled.directBuffer(4)
            .writeBytes(new byte[] {']', '}', '\n', '\n'})
            .asReadOnly());

    private final List<ByteBuf> pieces = new ArrayList<>();
    private int length;
    private long mark;

    /** Told of progress. */
    interface Written {
        /** So many bytes more have left, or the client has gone; {@code last}: all of the event, and they have left. */
        void written(int bytes, boolean last);
    }

    /** Adds objects, each with a comma behind it; takes over the reference. */
    void add(ByteBuf objects, long newMark) {
        mark = newMark;
        length += objects.readableBytes();
        if (objects.isReadable()) {
            pieces.add(objects);
        } else {
            objects.release();
        }
    }

    /** The mark of what was added last; 0 if nothing was. */
    long mark() {
        return mark;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** Bytes added. */
    int length() {
        return length;
    }

    /** Makes one event of everything, and is empty then. */
    ByteBuf event(String position) {
        ByteBuf[] parts = new ByteBuf[pieces.size() + 2];
        parts[0] = text(position.isEmpty() ? "data: {\"batch\":[" : "id: " + position + "\ndata: {\"batch\":[");
        for (int i = 0; i < pieces.size(); i++) {
            parts[i + 1] = pieces.get(i);
        }
        ByteBuf last = parts[pieces.size()];
        // Without its last comma; the indices of a shared buffer are not ours.
        parts[pieces.size()] = last.slice(last.readerIndex(), last.readableBytes() - 1);
        parts[pieces.size() + 1] = TAIL.duplicate();
        forget();
        return Unpooled.wrappedBuffer(parts.length, parts);
    }

    /** Forgets what was added. */
    void clear() {
        pieces.forEach(ByteBuf::release);
        forget();
    }

    private void forget() {
        pieces.clear();
        length = 0;
        mark = 0;
    }

    static ByteBuf text(String text) {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(text.length());
        ByteBufUtil.writeUtf8(bytes, text);
        return bytes;
    }

    /** Writes an event in pieces; takes over the reference. */
    static void write(HttpServerResponse response, ByteBuf event, Written progress) {
        while (event.isReadable()) {
            int bytes = Math.min(WRITE_BYTES, event.readableBytes());
            ByteBuf piece = event.readRetainedSlice(bytes);
            boolean last = !event.isReadable();
            response.write(BufferInternal.buffer(piece)).onComplete(written -> {
                // Vert.x leaves the reference with whoever made the buffer.
                piece.release();
                progress.written(bytes, last && written.succeeded());
            });
        }
        event.release();
    }
}
