package io.loggregator.doppler.ingress;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.loggregator.wire.ByteSink;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.IOException;
import java.io.InputStream;

/**
 * A message as the bytes that came, {@code bytes[from, to)}. There is one of it for each event loop, since a message is taken
 * in where it arrives and at once: it is valid until the next, and nothing is allocated for it.
 */
final class IncomingMessage {
    /** Before the message: the tag and the length that make an envelope a batch of one. */
    private static final int ROOM = 1 + 5;
    /** An array of that size at most is kept; agents' batches have a tenth of it. */
    private static final int KEPT_BYTES = 1 << 20;

    private static final byte ENVELOPE = 0x0A;
    private static final FastThreadLocal<IncomingMessage> OF_LOOP = new FastThreadLocal<>() {
        @Override
        protected IncomingMessage initialValue() {
            return new IncomingMessage();
        }
    };

    private byte[] kept = new byte[16 * 1024];
    private byte[] bytes = kept;
    private int from = ROOM;
    private int to = ROOM;

    private IncomingMessage() {}

    /** The method, with messages that are read like this. */
    static MethodDescriptor<IncomingMessage, byte[]> readBy(MethodDescriptor<byte[], byte[]> method) {
        return method.toBuilder(new Reading(), method.getResponseMarshaller()).build();
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    int length() {
        return to - from;
    }

    /** Puts the tag and the length of an envelope in a batch before it. */
    void becomeBatch() {
        int length = length();
        from -= 1 + ByteSink.varintSize(length);
        bytes[from] = ENVELOPE;
        ByteSink.putVarint(bytes, from + 1, length);
    }

    private void read(InputStream stream) throws IOException {
        // A received message knows its length, which the transport has checked against its limit.
        if (stream instanceof KnownLength) {
            room(stream.available());
            to = ROOM + stream.readNBytes(bytes, ROOM, bytes.length - ROOM);
        } else {
            byte[] all = stream.readAllBytes();
            room(all.length);
            System.arraycopy(all, 0, bytes, ROOM, all.length);
            to = ROOM + all.length;
        }
        from = ROOM;
    }

    private void room(int length) {
        int wanted = ROOM + length;
        if (wanted > KEPT_BYTES) {
            bytes = new byte[wanted];
            return;
        }
        if (wanted > kept.length) {
            kept = new byte[Math.min(KEPT_BYTES, Math.max(wanted, 2 * kept.length))];
        }
        bytes = kept;
    }

    private static final class Reading implements MethodDescriptor.Marshaller<IncomingMessage> {
        @Override
        public IncomingMessage parse(InputStream stream) {
            IncomingMessage message = OF_LOOP.get();
            try {
                message.read(stream);
            } catch (IOException e) {
                throw Status.INTERNAL
                        .withDescription("cannot read the message")
                        .withCause(e)
                        .asRuntimeException();
            }
            return message;
        }

        @Override
        public InputStream stream(IncomingMessage message) {
            throw new UnsupportedOperationException("what comes in is not sent");
        }
    }
}
