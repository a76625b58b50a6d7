package io.loggregator.trafficcontroller.fanout;

import io.loggregator.wire.v1.V1Output;
import java.util.Arrays;

/**
 * Puts each rendered envelope into a binary WebSocket frame of its own (RFC 6455: FIN, opcode 2, not masked, the
 * shortest length form), all frames in one array.
 */
final class WebSocketFrames extends V1Output {
    private static final byte FIN_BINARY = (byte) 0x82;
    private static final int SHORT = 125;
    private static final int MEDIUM = 0xFFFF;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int SHORT_HEAD = 2;
    private static final int MEDIUM_HEAD = 4;
    private static final int LONG_HEAD = 10;

    void reset() {
        end = 0;
    }

    byte[] bytes() {
        return bytes;
    }

    int end() {
        return end;
    }

    @Override
    protected int headroom(int length) {
        if (length <= SHORT) {
            return SHORT_HEAD;
        }
        return length <= MEDIUM ? MEDIUM_HEAD : LONG_HEAD;
    }

    @Override
    protected void finished(int from, int to) {
        int length = to - from;
        int start = from - headroom(length);
        bytes[start] = FIN_BINARY;
        if (length <= SHORT) {
            bytes[start + 1] = (byte) length;
        } else if (length <= MEDIUM) {
            bytes[start + 1] = LENGTH_16;
            bytes[start + 2] = (byte) (length >>> 8);
            bytes[start + 3] = (byte) length;
        } else {
            bytes[start + 1] = LENGTH_64;
            for (int i = 0; i < Long.BYTES; i++) {
                bytes[start + 2 + i] = (byte) ((long) length >>> (56 - 8 * i));
            }
        }
        end = to;
    }

    /** Adds a frame of an envelope that was rendered elsewhere. */
    void append(byte[] envelope) {
        int from = end + headroom(envelope.length);
        int to = from + envelope.length;
        if (to > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(to, bytes.length * 2));
        }
        System.arraycopy(envelope, 0, bytes, from, envelope.length);
        finished(from, to);
    }
}
