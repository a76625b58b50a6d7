package io.loggregator.cli.emit;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;

/**
 * Cuts a stream of bytes into lines, without their ends ({@code \n} or {@code \r\n}). A line longer than the limit comes
 * in pieces, cut between characters where the bytes are UTF-8. Used by one thread.
 */
final class LineReader {
    private final InputStream in;
    private final byte[] buffer;
    private int start;
    private int end;
    private boolean ended;

    /** Lines of at most {@code maxBytes}, 8 or more. */
    LineReader(InputStream in, int maxBytes) {
        this.in = in;
        // One byte more, for the line end behind a line of the full length.
        this.buffer = new byte[maxBytes + 1];
    }

    /** The next line or piece of one; null at the end. */
    ByteString next() throws IOException {
        int scanned = start;
        while (true) {
            for (; scanned < end; scanned++) {
                if (buffer[scanned] == '\n') {
                    int length = scanned - start;
                    ByteString line = ByteString.copyFrom(buffer, start, withoutReturn(length));
                    start = scanned + 1;
                    return line;
                }
            }
            if (ended) {
                if (start == end) {
                    return null;
                }
                ByteString last = ByteString.copyFrom(buffer, start, withoutReturn(end - start));
                start = end;
                return last;
            }
            if (end - start == buffer.length) {
                int length = characterStart(buffer.length - 1);
                ByteString piece = ByteString.copyFrom(buffer, start, length);
                start += length;
                return piece;
            }
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, end - start);
                scanned -= start;
                end -= start;
                start = 0;
            }
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                ended = true;
            } else {
                end += read;
            }
        }
    }

    private int withoutReturn(int length) {
        return length > 0 && buffer[start + length - 1] == '\r' ? length - 1 : length;
    }

    /** The last place not after {@code length} where a UTF-8 character may start; {@code length} if there is none near. */
    private int characterStart(int length) {
        for (int at = length; at > length - 4; at--) {
            if ((buffer[start + at] & 0xC0) != 0x80) {
                return at;
            }
        }
        return length;
    }
}
