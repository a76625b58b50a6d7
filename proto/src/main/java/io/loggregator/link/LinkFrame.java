package io.loggregator.link;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.ProtoBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * One message of the link: the length of a header as a varint, the header ({@link ToDoppler} or {@link
 * ToTrafficController}), then to the end the bytes of a batch, which may be none.
 */
public final class LinkFrame {
    private LinkFrame() {}

    /** The bytes of a message without a batch. */
    public static byte[] encode(MessageLite header) {
        return encode(header, new byte[0], 0, 0);
    }

    /**
     * The bytes of a message with the batch {@code batch[from, to)}.
     *
     * @throws IndexOutOfBoundsException if the range does not lie in the array
     */
    public static byte[] encode(MessageLite header, byte[] batch, int from, int to) {
        Objects.checkFromToIndex(from, to, batch.length);
        int headerSize = header.getSerializedSize();
        int headerStart = ByteSink.varintSize(headerSize);
        int headerEnd = headerStart + headerSize;
        byte[] message = new byte[Math.addExact(headerEnd, to - from)];
        ByteSink.putVarint(message, 0, headerSize);
        try {
            header.writeTo(CodedOutputStream.newInstance(message, headerStart, headerSize));
        } catch (IOException e) {
            throw new UncheckedIOException("a header grew while it was written", e);
        }
        System.arraycopy(batch, from, message, headerEnd, to - from);
        return message;
    }

    /**
     * Where the header ends and the batch bytes, to the end of the message, start.
     *
     * @throws InvalidProtocolBufferException if the message does not start with the length of a header that lies in it
     */
    public static int headerEnd(byte[] message) throws InvalidProtocolBufferException {
        return ProtoBytes.low(header(message));
    }

    /**
     * The header of a message to a Doppler.
     *
     * @throws InvalidProtocolBufferException if the message does not start with one
     */
    public static ToDoppler toDoppler(byte[] message) throws InvalidProtocolBufferException {
        return parse(ToDoppler.parser(), message);
    }

    /**
     * The header of a message to a Traffic Controller.
     *
     * @throws InvalidProtocolBufferException if the message does not start with one
     */
    public static ToTrafficController toTrafficController(byte[] message) throws InvalidProtocolBufferException {
        return parse(ToTrafficController.parser(), message);
    }

    private static <T> T parse(Parser<T> parser, byte[] message) throws InvalidProtocolBufferException {
        long header = header(message);
        int start = ProtoBytes.high(header);
        return parser.parseFrom(message, start, ProtoBytes.low(header) - start);
    }

    private static long header(byte[] message) throws InvalidProtocolBufferException {
        long header = ProtoBytes.span(message, 0, message.length);
        if (header < 0) {
            throw new InvalidProtocolBufferException("the length of the header does not lie in the message");
        }
        return header;
    }
}
