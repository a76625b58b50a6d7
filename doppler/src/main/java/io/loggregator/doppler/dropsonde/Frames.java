package io.loggregator.doppler.dropsonde;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Cuts the bytes of one connection into frames: a length of four bytes, little-endian, then as many bytes. Memory for a
 * frame that comes in pieces is taken as its bytes come.
 */
final class Frames {
    private static final int HEAD = 4;
    private static final int FIRST_ROOM = 4096;
    private static final byte[] NOTHING = {};

    private final int largest;
    private final Taker taker;
    /** Bytes of the head that are there. */
    private int headBytes;

    private int length;
    private byte[] partial = NOTHING;
    private int filled;

    /** Takes {@code bytes[0, length)} for the time of the call. */
    interface Taker {
        void frame(byte[] bytes, int length);
    }

    /** @param largest bytes of a frame, without its head */
    Frames(int largest, Taker taker) {
        this.largest = largest;
        this.taker = taker;
    }

    /**
     * Reads on.
     *
     * @param scratch room for a largest frame, shared with others on the event loop
     * @return the length that is too large, as the peer means it, at which nothing more can be read; else -1
     */
    long read(ByteBuf in, byte[] scratch) {
        while (true) {
            while (headBytes < HEAD) {
                if (!in.isReadable()) {
                    return -1;
                }
                length |= in.readUnsignedByte() << (8 * headBytes++);
            }
            if (Integer.compareUnsigned(length, largest) > 0) {
                return Integer.toUnsignedLong(length);
            }
            if (filled == 0 && in.readableBytes() >= length) {
                in.readBytes(scratch, 0, length);
                done(scratch);
            } else if (in.isReadable()) {
                fill(in);
            } else {
                return -1;
            }
        }
    }

    private void fill(ByteBuf in) {
        int more = Math.min(in.readableBytes(), length - filled);
        if (filled + more > partial.length) {
            int room = Math.max(Math.max(FIRST_ROOM, 2 * partial.length), filled + more);
            partial = Arrays.copyOf(partial, Math.min(length, room));
        }
        in.readBytes(partial, filled, more);
        filled += more;
        if (filled == length) {
            byte[] frame = partial;
            partial = NOTHING;
            done(frame);
        }
    }

    private void done(byte[] frame) {
        int bytes = length;
        headBytes = 0;
        length = 0;
        filled = 0;
        taker.frame(frame, bytes);
    }

    /** Whether the next byte would begin a frame. */
    boolean between() {
        return headBytes == 0;
    }
}
