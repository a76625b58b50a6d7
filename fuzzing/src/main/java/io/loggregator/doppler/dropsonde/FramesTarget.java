package io.loggregator.doppler.dropsonde;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/** Dropsonde frames over TCP, whole and in pieces. */
public final class FramesTarget {
    private static final int LARGEST = 1024;

    private FramesTarget() {}

    /** Takes any bytes; the first tells where the rest is cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        int piece = 1 + (data[0] & 0xFF);
        if (read(data, data.length) != read(data, piece)) {
            throw new AssertionError("frames depend on how their bytes arrive");
        }
    }

    /** A hash of all frames in their order, and of how it ended. */
    private static long read(byte[] data, int piece) {
        long[] hash = {17};
        Frames frames = new Frames(
                LARGEST,
                new PartialFrames(Long.MAX_VALUE),
                () -> {},
                (bytes, length) -> hash[0] = hash[0] * 31 + Arrays.hashCode(Arrays.copyOf(bytes, length)));
        byte[] scratch = new byte[LARGEST];
        for (int at = 1; at < data.length; at += piece) {
            ByteBuf in = Unpooled.wrappedBuffer(data, at, Math.min(piece, data.length - at));
            long tooLarge = frames.read(in, scratch);
            if (tooLarge >= 0) {
                return hash[0] * 31 + tooLarge;
            }
        }
        return hash[0];
    }
}
