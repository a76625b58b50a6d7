package io.loggregator.doppler.dropsonde;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Cuts the bytes of one connection into frames: a length of four bytes, little-endian, then as many bytes. Memory for a
 * frame that comes in pieces is taken as its bytes come.
 */
final class Frames {
    /** Everything was read, and what is missing of a frame may come. */
    static final long GOES_ON = -1;
    /** There is no memory for what has come of a frame. */
    static final long NO_ROOM = -2;

    private static final int HEAD = 4;
    /** So much each connection has; frames of the usual sizes take no more. */
    private static final int FIRST_ROOM = 4096;

    private static final byte[] NOTHING = {};

    private final int largest;
    private final PartialFrames memory;
    private final Runnable end;
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

    /**
     * @param largest bytes of a frame, without its head
     * @param memory for frames that come in pieces, beyond the first 4 KiB of each connection
     * @param end ends the connection, as {@link PartialFrames#take} has it
     */
    Frames(int largest, PartialFrames memory, Runnable end, Taker taker) {
        this.largest = largest;
        this.end = end;
        this.memory = memory;
        this.taker = taker;
    }

    /**
     * Reads on.
     *
     * @param scratch room for a largest frame, shared with others on the event loop
     * @return {@link #GOES_ON}; or why nothing more can be read: the length that is too large, as the peer means it, or
     *     {@link #NO_ROOM}
     */
    long read(ByteBuf in, byte[] scratch) {
        while (true) {
            while (headBytes < HEAD) {
                if (!in.isReadable()) {
                    return GOES_ON;
                }
                length |= in.readUnsignedByte() << (8 * headBytes++);
            }
            if (Integer.compareUnsigned(length, largest) > 0) {
                return Integer.toUnsignedLong(length);
            }
            if (filled == 0 && in.readableBytes() >= length) {
                in.readBytes(scratch, 0, length);
                done(scratch);
            } else if (!in.isReadable()) {
                return GOES_ON;
            } else if (!fill(in)) {
                return NO_ROOM;
            }
        }
    }

    private boolean fill(ByteBuf in) {
        int more = Math.min(in.readableBytes(), length - filled);
        if (filled + more > partial.length) {
            int room = Math.min(length, Math.max(Math.max(FIRST_ROOM, 2 * partial.length), filled + more));
            if (!memory.take(end, counted(room) - counted(partial.length))) {
                return false;
            }
            partial = Arrays.copyOf(partial, room);
        }
        in.readBytes(partial, filled, more);
        filled += more;
        if (filled == length) {
            byte[] frame = partial;
            release();
            done(frame);
        }
        return true;
    }

    private static int counted(int room) {
        return Math.max(0, room - FIRST_ROOM);
    }

    /** The connection is no more: what has come of a frame is let go. */
    void release() {
        if (counted(partial.length) > 0) {
            memory.release(end);
        }
        partial = NOTHING;
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
