package io.loggregator.doppler;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** HTTP/2 as a client writes it that keeps to no limit by itself. */
final class Http2Frames {
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int CONTINUATION = 9;
    private static final int ACK = 1;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int REFUSED_STREAM = 7;
    private static final int PROTOCOL_ERROR = 1;
    private static final int CANCEL = 8;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** The beginning of a connection: no settings of its own, and those of the server are taken. */
    Http2Frames() {
        bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        add(SETTINGS, 0, 0, new byte[0]);
        add(SETTINGS, ACK, 0, new byte[0]);
    }

    Http2Frames ping() {
        return add(PING, 0, 0, new byte[8]);
    }

    /** Opens a stream of an agent; its number is odd, and higher than any before. */
    Http2Frames call(int stream) {
        return add(HEADERS, END_HEADERS, stream, agent());
    }

    /** Opens and ends a stream. */
    Http2Frames callWithoutMessage(int stream) {
        return add(HEADERS, END_HEADERS | END_STREAM, stream, agent());
    }

    /** Opens a stream with a header of {@code size} bytes, and some that are larger for the server than on the wire. */
    Http2Frames call(int stream, int size) {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        headers.writeBytes(agent());
        literal(headers, "a", "b".repeat(size));
        for (int i = 0; i < 16; i++) {
            literal(headers, "c", "");
        }
        return add(HEADERS, END_HEADERS, stream, headers.toByteArray());
    }

    /** Opens a stream with headers in two frames, of {@code size} bytes each. */
    Http2Frames callInTwo(int stream, int size) {
        return add(HEADERS, 0, stream, new byte[size]).add(CONTINUATION, END_HEADERS, stream, new byte[size]);
    }

    /** Gives a stream up. */
    Http2Frames reset(int stream) {
        return add(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array());
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** How a server says that it has too many streams open for this one, in ISO 8859-1. */
    static String refused(int stream) {
        return reset(stream, REFUSED_STREAM);
    }

    /** How a server gives up a stream whose headers are too large. */
    static String protocolError(int stream) {
        return reset(stream, PROTOCOL_ERROR);
    }

    private static String reset(int stream, int error) {
        byte[] payload = ByteBuffer.allocate(4).putInt(error).array();
        return new String(frame(RST_STREAM, 0, stream, payload), StandardCharsets.ISO_8859_1);
    }

    private Http2Frames add(int type, int flags, int stream, byte[] payload) {
        bytes.writeBytes(frame(type, flags, stream, payload));
        return this;
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static byte[] agent() {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        literal(headers, ":method", "POST");
        literal(headers, ":scheme", "http");
        literal(headers, ":authority", "doppler");
        literal(headers, ":path", "/loggregator.v2.Ingress/BatchSender");
        literal(headers, "te", "trailers");
        literal(headers, "content-type", "application/grpc");
        return headers.toByteArray();
    }

    /** HPACK without any compression. */
    private static void literal(ByteArrayOutputStream headers, String name, String value) {
        headers.write(0);
        string(headers, name);
        string(headers, value);
    }

    private static void string(ByteArrayOutputStream headers, String text) {
        int rest = text.length() - 127;
        if (rest < 0) {
            headers.write(text.length());
        } else {
            headers.write(127);
            for (; rest >= 128; rest >>= 7) {
                headers.write((rest & 127) | 128);
            }
            headers.write(rest);
        }
        headers.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
