package io.loggregator.nozzles.syslog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/**
 * Messages one after the other, each behind the number of its bytes and a space: RFC 6587's octet counting. They are written
 * out in pieces, so that one batch, however much text its envelopes become, takes no more memory than a piece and a message.
 */
final class SyslogFrames {
    static final int PIECE = 1 << 20;

    private final Bytes out = new Bytes();
    private final Output output;
    private final Map<Reason, Long> leftOut = new EnumMap<>(Reason.class);
    private long count;
    private long written;

    /** Where the pieces go. */
    interface Output {
        /** @param length how many bytes of the array, from its start; it is used again afterwards */
        void write(byte[] bytes, int length) throws IOException, InterruptedException;
    }

    /** Why something is not in a message. */
    enum Reason {
        UNKNOWN_KIND("unknown_kind", "an envelope of a kind that this version does not know"),
        LARGE_DATA("large_data", "parameters of structured data for which a message had no room");

        private final String word;
        private final String what;

        Reason(String word, String what) {
            this.word = word;
            this.what = what;
        }

        String word() {
            return word;
        }

        String what() {
            return what;
        }
    }

    SyslogFrames(Output output) {
        this.output = output;
    }

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
    void add(String head, ByteBuffer text) throws IOException, InterruptedException {
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
        if (out.size() >= PIECE) {
            flush();
        }
    }

    /** Counts an envelope, or a message, that is not whole. */
    void leaveOut(Reason reason) {
        leftOut.merge(reason, 1L, Long::sum);
    }

    Map<Reason, Long> leftOut() {
        return leftOut;
    }

    /** Writes out what has not been. */
    void flush() throws IOException, InterruptedException {
        if (out.size() > 0) {
            output.write(out.array(), out.size());
            written += out.size();
            out.reset();
        }
    }

    /** Messages so far. */
    long count() {
        return count;
    }

    /** Bytes that have been written out. */
    long written() {
        return written;
    }
}
