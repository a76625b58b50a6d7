package io.loggregator.trafficcontroller.rlp;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Answers that are their own bytes; what is sent is released, whether it goes out or not. */
final class BufferMarshaller implements MethodDescriptor.Marshaller<ByteBuf> {
    @Override
    public InputStream stream(ByteBuf message) {
        return new Message(message);
    }

    @Override
    public ByteBuf parse(InputStream stream) {
        throw new UnsupportedOperationException("a server's answers are not read");
    }

    /** Drained from its array in one step, which is all the copying that gRPC cannot do without. */
    private static final class Message extends InputStream implements Drainable, KnownLength {
        private ByteBuf bytes;

        Message(ByteBuf bytes) {
            this.bytes = bytes;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int length = available();
            if (length > 0) {
                bytes.readBytes(target, length);
            }
            return length;
        }

        @Override
        public int available() {
            return bytes == null ? 0 : bytes.readableBytes();
        }

        @Override
        public int read() {
            return available() == 0 ? -1 : bytes.readUnsignedByte();
        }

        @Override
        public int read(byte[] target, int from, int length) {
            int count = Math.min(length, available());
            if (count == 0 && length > 0) {
                return -1;
            }
            if (count > 0) {
                bytes.readBytes(target, from, count);
            }
            return count;
        }

        @Override
        public void close() {
            if (bytes != null) {
                bytes.release();
                bytes = null;
            }
        }
    }
}
