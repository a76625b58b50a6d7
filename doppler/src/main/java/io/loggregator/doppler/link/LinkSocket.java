package io.loggregator.doppler.link;

import io.loggregator.doppler.lane.Backlog;
import io.netty.buffer.Unpooled;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.http.WebSocketInternal;

/**
 * The writing half of a link: how much waits to be written is bounded, and whoever wants to write learns when there is
 * room again. Usable from any thread; messages of one thread keep their order.
 */
final class LinkSocket {
    private final ServerWebSocket webSocket;
    private final Backlog backlog;
    private final Runnable onFull;

    /**
     * @param buffer bytes that may wait
     * @param onRoom called on the socket's loop when half of a full buffer has been written
     * @param onFull called when the buffer is full, by whoever sends
     */
    LinkSocket(ServerWebSocket webSocket, long buffer, Runnable onRoom, Runnable onFull) {
        this.webSocket = webSocket;
        this.backlog = new Backlog(buffer, buffer / 2, onRoom);
        this.onFull = onFull;
    }

    boolean writable() {
        return backlog.hasRoom();
    }

    /** Closes the connection whatever waits to be written; Vert.x's own close would wait for that. */
    void cut() {
        ((WebSocketInternal) webSocket).channelHandlerContext().close();
    }

    void send(byte[] message) {
        if (backlog.add(message.length)) {
            onFull.run();
        }
        // Wrapped, not copied: nobody writes to the array any more. One frame whatever its size: between several,
        // frames
        // that other threads write could come.
        webSocket
                .writeFinalBinaryFrame(BufferInternal.buffer(Unpooled.wrappedBuffer(message)))
                .onComplete(written -> backlog.remove(message.length));
    }
}
