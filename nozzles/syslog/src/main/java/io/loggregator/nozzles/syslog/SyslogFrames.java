package io.loggregator.nozzles.syslog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Messages one after the other, each behind the number of its bytes and a space: RFC 6587's octet counting. */
final class SyslogFrames {
    /** Grown beyond that by one large batch, it is given back. */
    private static final int KEPT = 4 << 20;

    private Bytes out = new Bytes();
    private int count;

    /** Gives away its array. */
    private static final class Bytes extends ByteArrayOutputStream {
        Bytes() {
            super(64 << 10);
        }

        byte[] array() {
            return buf;
        }
    }

    /**
     * Adds a message.
     *
     * @param head all before the text, with the space behind it
     * @param text of a log; zero bytes are left out, and a line end is added where there is none
     */
    void add(String head, ByteBuffer text) {
        byte[] start = head.getBytes(StandardCharsets.UTF_8);
        int zeros = 0;
        for (int i = text.position(); i < text.limit(); i++) {
            zeros += text.get(i) == 0 ? 1 : 0;
        }
        boolean ended = text.hasRemaining() && text.get(text.limit() - 1) == '\n';
        int length = start.length + text.remaining() - zeros + (ended ? 0 : 1);
        out.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(start);
        for (int i = text.position(); i < text.limit(); i++) {
            if (text.get(i) != 0) {
                out.write(text.get(i));
            }
        }
        if (!ended) {
            out.write('\n');
        }
        count++;
    }

    void clear() {
        if (out.array().length > KEPT) {
            out = new Bytes();
        }
        out.reset();
        count = 0;
    }

    /** The first {@link #size()} bytes are the frames. */
    byte[] bytes() {
        return out.array();
    }

    int size() {
        return out.size();
    }

    int count() {
        return count;
    }
}
