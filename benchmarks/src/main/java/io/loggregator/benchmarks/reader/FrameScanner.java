package io.loggregator.benchmarks.reader;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Cuts a server's bytes into WebSocket frames (RFC 6455, not masked, not fragmented). Frames are handed over where they
 * lie in an array that is used again.
 */
final class FrameScanner {
    /** The largest frame it takes. */
    static final int LARGEST = 1 << 20;

    private static final int FIN_BINARY = 0x82;
    private static final int FIN_CLOSE = 0x88;
    private static final int FIN_PING = 0x89;
    private static final int FIN_PONG = 0x8A;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;

    private final Sink sink;
    /** Grows as needed: there may be ten thousand of them. */
    private byte[] bytes = new byte[1 << 10];

    private int end;

    /** Takes frames; the bytes are valid during the call. */
    interface Sink {
        void binary(byte[] bytes, int from, int to);

        void ping(byte[] bytes, int from, int to);

        void close(byte[] bytes, int from, int to);
    }

    /** What came is not a WebSocket server's frame. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    FrameScanner(Sink sink) {
        this.sink = sink;
    }

    /**
     * Takes the next bytes, all of them, and hands over the frames that are complete.
     *
     * @throws Malformed if they cannot be a server's frames
     */
    void read(ByteBuf chunk) {
        int length = chunk.readableBytes();
        if (length > bytes.length - end) {
            bytes = Arrays.copyOf(bytes, Math.max(end + length, bytes.length * 2));
        }
        chunk.readBytes(bytes, end, length);
        end += length;
        int at = 0;
        int next;
        while ((next = frame(at)) > 0) {
            at = next;
        }
        System.arraycopy(bytes, at, bytes, 0, end - at);
        end -= at;
    }

    /** Hands over the frame at an offset and tells where it ends; 0 if it is not complete. */
    private int frame(int at) {
        if (end - at < 2) {
            return 0;
        }
        int length = bytes[at + 1];
        int start = at + 2;
        if (length < 0) {
            throw new Malformed("a masked frame");
        }
        if (length == LENGTH_16 || length == LENGTH_64) {
            int size = length == LENGTH_16 ? Short.BYTES : Long.BYTES;
            if (end - start < size) {
                return 0;
            }
            long wide = 0;
            for (int i = 0; i < size; i++) {
                wide = wide << 8 | (bytes[start + i] & 0xFF);
            }
            if (wide < 0 || wide > LARGEST) {
                throw new Malformed("a frame of " + Long.toUnsignedString(wide) + " bytes");
            }
            length = (int) wide;
            start += size;
        }
        int to = start + length;
        if (to > end) {
            return 0;
        }
        switch (bytes[at] & 0xFF) {
            case FIN_BINARY -> sink.binary(bytes, start, to);
            case FIN_PING -> sink.ping(bytes, start, to);
            case FIN_CLOSE -> sink.close(bytes, start, to);
            case FIN_PONG -> {}
            default -> throw new Malformed(String.format("a frame that begins with %02x", bytes[at]));
        }
        return to;
    }
}
