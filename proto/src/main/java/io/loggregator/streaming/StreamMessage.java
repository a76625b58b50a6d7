package io.loggregator.streaming;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.LinkFrame;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import java.nio.ByteBuffer;

/** Messages in the form that the link has, too: the header's length as a varint, the header, batch bytes. */
public final class StreamMessage {
    /** What a client offers and a server chooses in {@code Sec-WebSocket-Protocol}. */
    public static final String SUBPROTOCOL = "loggregator.stream.v2";

    private StreamMessage() {}

    /** A client's message, which has no batch bytes. */
    public static byte[] encode(ToServer header) {
        return LinkFrame.encode(header);
    }

    /**
     * A client's message.
     *
     * @throws InvalidProtocolBufferException it cannot be parsed, or something follows the header
     */
    public static ToServer toServer(byte[] message) throws InvalidProtocolBufferException {
        ByteBuffer header = LinkFrame.header(message);
        if (header.limit() != message.length) {
            throw new InvalidProtocolBufferException("bytes after the header");
        }
        return ToServer.parseFrom(header);
    }

    /**
     * The header of a server's message.
     *
     * @throws InvalidProtocolBufferException it cannot be parsed
     */
    public static ToClient toClient(byte[] message) throws InvalidProtocolBufferException {
        return toClient(message, message.length);
    }

    /** As {@link #toClient(byte[])}, for a message that is the first {@code length} bytes of its array. */
    public static ToClient toClient(byte[] message, int length) throws InvalidProtocolBufferException {
        return ToClient.parseFrom(LinkFrame.header(message, 0, length));
    }

    /**
     * Where the batch bytes of a server's message begin; its length, if there are none.
     *
     * @throws InvalidProtocolBufferException the header's length is no varint, or reaches beyond the message
     */
    public static int batchStart(byte[] message) throws InvalidProtocolBufferException {
        return LinkFrame.headerEnd(message);
    }

    /** As {@link #batchStart(byte[])}, for a message that is the first {@code length} bytes of its array. */
    public static int batchStart(byte[] message, int length) throws InvalidProtocolBufferException {
        return LinkFrame.headerEnd(message, 0, length);
    }
}
