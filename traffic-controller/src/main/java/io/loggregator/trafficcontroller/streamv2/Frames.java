package io.loggregator.trafficcontroller.streamv2;

import com.google.protobuf.CodedOutputStream;
import io.loggregator.streaming.v2.ToClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The head of a binary WebSocket message (RFC 6455: one frame, not masked): all that stands before batch bytes. */
final class Frames {
    private static final int FIN_BINARY = 0x82;
    private static final int SHORT = 125;
    private static final int MEDIUM = 0xFFFF;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int LONGEST_HEAD = 10;

    private Frames() {}

    /** @param batchBytes how many will be written after it */
    static ByteBuf head(ByteBufAllocator allocator, ToClient header, int batchBytes) {
        int headerSize = header.getSerializedSize();
        int start = CodedOutputStream.computeUInt32SizeNoTag(headerSize) + headerSize;
        int length = start + batchBytes;
        ByteBuf frame = allocator.ioBuffer(LONGEST_HEAD + start);
        frame.writeByte(FIN_BINARY);
        if (length <= SHORT) {
            frame.writeByte(length);
        } else if (length <= MEDIUM) {
            frame.writeByte(LENGTH_16).writeShort(length);
        } else {
            frame.writeByte(LENGTH_64).writeLong(length);
        }
        ByteBuffer room = frame.nioBuffer(frame.writerIndex(), start);
        CodedOutputStream out = CodedOutputStream.newInstance(room);
        try {
            out.writeUInt32NoTag(headerSize);
            header.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the room has just the size that was asked for
        }
        return frame.writerIndex(frame.writerIndex() + start);
    }
}
