package io.loggregator.nozzle.testkit;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.parsetools.RecordParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * WebSocket frames as bytes (RFC 6455, 5.2): those of a client are read, those of a server written, also such as no library
 * would write.
 */
final class Frames {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    /** What a client may send at once, as on the Loggregator port. */
    static final int LARGEST_FROM_CLIENT = 64 << 10;

    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int MASK = 4;

    /** Told what a client sends. */
    interface Listener {
        void message(boolean text, byte[] payload);

        void ping(byte[] payload);

        void pong(byte[] payload);

        /** @param payload with the code in its first two bytes; may be empty */
        void close(byte[] payload);

        /** What came was no frame of a client, or too long. Nothing more is told. */
        void malformed();
    }

    private enum Part {
        HEAD,
        LENGTH,
        PAYLOAD
    }

    private final RecordParser parser;
    private final Listener listener;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private Part part = Part.HEAD;
    private int first;
    private boolean text;
    private boolean broken;

    /** @param parser at the beginning of a frame */
    Frames(RecordParser parser, Listener listener) {
        this.parser = parser;
        this.listener = listener;
        parser.fixedSizeMode(2);
        parser.setOutput(this::read);
    }

    /** A frame that is not masked. */
    static Buffer frame(boolean last, int opcode, byte[] payload) {
        return head(last, opcode, payload.length).appendBytes(payload);
    }

    /** What stands before a payload of that length, up to 2^63 - 1 bytes. */
    static Buffer head(boolean last, int opcode, long length) {
        Buffer head = Buffer.buffer().appendByte((byte) ((last ? FINAL : 0) | opcode));
        if (length < 126) {
            return head.appendByte((byte) length);
        }
        return length < 1 << 16
                ? head.appendByte((byte) 126).appendUnsignedShort((int) length)
                : head.appendByte((byte) 127).appendLong(length);
    }

    /** The payload of a Close. */
    static byte[] close(int code, String reason) {
        return Buffer.buffer().appendUnsignedShort(code).appendString(reason).getBytes();
    }

    /** How a Close's payload reads. */
    static Ended ended(byte[] close) {
        return close.length < 2
                ? new Ended(Ended.NO_CODE, "")
                : new Ended(
                        Buffer.buffer(close).getUnsignedShort(0),
                        new String(close, 2, close.length - 2, StandardCharsets.UTF_8));
    }

    private void read(Buffer bytes) {
        if (broken) {
            return;
        }
        switch (part) {
            case HEAD -> head(bytes);
            case LENGTH -> payloadOf(bytes.length() == 2 ? bytes.getUnsignedShort(0) : bytes.getLong(0));
            case PAYLOAD -> payload(bytes);
        }
    }

    private void head(Buffer bytes) {
        first = bytes.getUnsignedByte(0);
        int second = bytes.getUnsignedByte(1);
        int length = second & ~MASKED;
        boolean control = (first & 8) != 0;
        // No extension is agreed on, so no reserved bit may be set.
        if ((second & MASKED) == 0 || (first & 0x70) != 0 || (control && (length > 125 || (first & FINAL) == 0))) {
            malformed();
        } else if (length < 126) {
            payloadOf(length);
        } else {
            part = Part.LENGTH;
            parser.fixedSizeMode(length == 126 ? 2 : 8);
        }
    }

    private void payloadOf(long length) {
        if (length < 0 || length + message.size() > LARGEST_FROM_CLIENT) {
            malformed();
        } else {
            part = Part.PAYLOAD;
            parser.fixedSizeMode(MASK + (int) length);
        }
    }

    private void payload(Buffer masked) {
        byte[] bytes = masked.getBytes();
        for (int i = MASK; i < bytes.length; i++) {
            bytes[i] ^= bytes[i % MASK];
        }
        part = Part.HEAD;
        parser.fixedSizeMode(2);
        frame(first & 0x0F, Arrays.copyOfRange(bytes, MASK, bytes.length));
    }

    private void frame(int opcode, byte[] payload) {
        switch (opcode) {
            case TEXT, BINARY, CONTINUATION -> {
                if (opcode != CONTINUATION) {
                    text = opcode == TEXT;
                }
                message.writeBytes(payload);
                if ((first & FINAL) != 0) {
                    byte[] whole = message.toByteArray();
                    message.reset();
                    listener.message(text, whole);
                }
            }
            case PING -> listener.ping(payload);
            case PONG -> listener.pong(payload);
            case CLOSE -> listener.close(payload);
            default -> malformed();
        }
    }

    private void malformed() {
        broken = true;
        listener.malformed();
    }
}
