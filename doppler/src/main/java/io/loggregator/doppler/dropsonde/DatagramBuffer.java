package io.loggregator.doppler.dropsonde;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * The memory that one socket's datagrams are received into, several with one system call. It is the same for every call,
 * so each datagram must be done with when its handler returns; and it fits native sockets only, as others gather
 * datagrams first.
 */
final class DatagramBuffer extends DefaultMaxMessagesRecvByteBufAllocator {
    /** No datagram is longer, with IPv4 or IPv6. */
    static final int DATAGRAM_BYTES = 65_536;

    /** After so many the event loop looks after its other connections. */
    static final int DATAGRAMS_A_TURN = 1024;

    private static final int DATAGRAMS_A_CALL = 16;
    private static final int BYTES = DATAGRAMS_A_CALL * DATAGRAM_BYTES;

    private final ByteBuf buffer = Unpooled.directBuffer(BYTES, BYTES);

    DatagramBuffer() {
        super(DATAGRAMS_A_TURN);
    }

    /** Gives the memory back, when the socket is closed. */
    void release() {
        buffer.release();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own handles have no other base
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return BYTES;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator unused) {
                return buffer.clear().retain();
            }
        };
    }
}
