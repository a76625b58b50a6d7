package io.loggregator.link;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * One message of the link: the length of its header as a varint, the header, and to the end of the message batch bytes,
 * which may be none. Nothing is allocated by a length that a peer claims.
 */
public final class LinkFrame {
    private static final byte[] NO_BYTES = {};

    private LinkFrame() {}

    /** A message without batch bytes. */
    public static byte[] encode(MessageLite header) {
        return encode(header, NO_BYTES, 0, 0);
    }

    /** A message with {@code batch[from, to)}. */
    public static byte[] encode(MessageLite header, byte[] batch, int from, int to) {
        int headerSize = header.getSerializedSize();
        int start = CodedOutputStream.computeUInt32SizeNoTag(headerSize) + headerSize;
        byte[] frame = new byte[start + to - from];
        CodedOutputStream out = CodedOutputStream.newInstance(frame, 0, start);
        try {
            out.writeUInt32NoTag(headerSize);
            header.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // the array has just the size that was asked for
        }
        System.arraycopy(batch, from, frame, start, to - from);
        return frame;
    }

    /**
     * Where the header in {@code frame[from, to)} ends and the batch bytes begin.
     *
     * @throws InvalidProtocolBufferException the length is no varint, or reaches beyond {@code to}
     */
    public static int headerEnd(byte[] frame, int from, int to) throws InvalidProtocolBufferException {
        return locate(frame, from, to).end();
    }

    /**
     * The header of a message to a Doppler; only {@code envelopes} may have batch bytes.
     *
     * @throws InvalidProtocolBufferException it cannot be parsed, or something follows it that may not
     */
    public static ToDoppler toDoppler(byte[] frame) throws InvalidProtocolBufferException {
        Header header = locate(frame, 0, frame.length);
        ToDoppler message = ToDoppler.parseFrom(header.bytes(frame));
        if (header.end() != frame.length && !message.hasEnvelopes()) {
            throw new InvalidProtocolBufferException("bytes after the header");
        }
        return message;
    }

    /**
     * The header of a message to a Traffic Controller in {@code frame[from, to)}.
     *
     * @throws InvalidProtocolBufferException it cannot be parsed
     */
    public static ToTrafficController toTrafficController(byte[] frame, int from, int to)
            throws InvalidProtocolBufferException {
        return ToTrafficController.parseFrom(locate(frame, from, to).bytes(frame));
    }

    /** As {@link #toTrafficController(byte[], int, int)}, for a message that fills its array. */
    public static ToTrafficController toTrafficController(byte[] frame) throws InvalidProtocolBufferException {
        return toTrafficController(frame, 0, frame.length);
    }

    /**
     * The header in a frame that fills its array; what follows its limit are batch bytes.
     *
     * @throws InvalidProtocolBufferException the length is no varint, or reaches beyond the frame
     */
    public static ByteBuffer header(byte[] frame) throws InvalidProtocolBufferException {
        return header(frame, 0, frame.length);
    }

    /** As {@link #header(byte[])}, for a message that is {@code frame[from, to)}. */
    public static ByteBuffer header(byte[] frame, int from, int to) throws InvalidProtocolBufferException {
        return locate(frame, from, to).bytes(frame);
    }

    /** As {@link #headerEnd(byte[], int, int)}, for a message that fills its array. */
    public static int headerEnd(byte[] frame) throws InvalidProtocolBufferException {
        return headerEnd(frame, 0, frame.length);
    }

    private record Header(int start, int end) {
        ByteBuffer bytes(byte[] frame) {
            return ByteBuffer.wrap(frame, start, end - start);
        }
    }

    private static Header locate(byte[] frame, int from, int to) throws InvalidProtocolBufferException {
        CodedInputStream in = CodedInputStream.newInstance(frame, from, to - from);
        int length;
        try {
            length = in.readRawVarint32();
        } catch (InvalidProtocolBufferException e) {
            throw e;
        } catch (IOException e) {
            throw new InvalidProtocolBufferException(e);
        }
        int start = from + in.getTotalBytesRead();
        if (length < 0 || length > to - start) {
            throw new InvalidProtocolBufferException(
                    "a header of " + Integer.toUnsignedString(length) + " bytes in a message of " + (to - from));
        }
        return new Header(start, start + length);
    }
}
