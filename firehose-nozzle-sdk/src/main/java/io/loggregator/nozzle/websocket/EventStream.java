package io.loggregator.nozzle.websocket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events in the body of an answer, as the HTML standard describes them; lines end with LF or CRLF. A message is
 * the data of an event that has some.
 */
public final class EventStream implements Messages {
    private static final int LONGEST_WORD = 4096;
    private static final int FIRST = 4096;

    private final Dial dial;
    private final Socket socket;
    private final Body body;
    private final int largest;

    // The reader's own.
    private byte[] message;
    private int end;
    private String type = "";
    private String nextType = "";
    private String id = "";
    private String comment = "";

    EventStream(Dial dial, Socket socket, InputStream in, boolean chunked, int largest) {
        this.dial = dial;
        this.socket = socket;
        this.body = new Body(in, chunked);
        this.largest = largest;
    }

    /** The type of the event that was read last; empty if it had none. */
    public String type() {
        return type;
    }

    /** The last id that the server has sent; empty if there was none. */
    public String id() {
        return id;
    }

    /** @throws Ended the server has ended the body */
    @Override
    public int read(Space space, Idle idle) throws IOException, InterruptedException {
        message = null;
        end = 0;
        nextType = "";
        try {
            int data = 0;
            boolean some = false;
            while (true) {
                int start = data;
                end = start;
                line(space, idle);
                if (end == start) {
                    if (some && data > 1) {
                        type = nextType;
                        comment = "";
                        return data - 1;
                    }
                    some = false;
                    data = 0;
                    nextType = "";
                } else if (starts(start, "data:")) {
                    some = true;
                    int from = start + 5 < end && message[start + 5] == ' ' ? start + 6 : start + 5;
                    System.arraycopy(message, from, message, start, end - from);
                    // Lines of data are joined by line ends; the last one is taken off.
                    data = start + end - from;
                    message[data++] = '\n';
                } else {
                    word(start);
                }
            }
        } catch (IOException | InterruptedException e) {
            if (message != null) {
                space.giveBack(message);
                message = null;
            }
            throw e;
        }
    }

    /** Appends the next line to the message, without its end. */
    private void line(Space space, Idle idle) throws IOException, InterruptedException {
        while (true) {
            if (!body.fill(idle)) {
                throw new Ended(comment);
            }
            int stop = body.lineEnd();
            int more = stop - body.from();
            if (more > largest - end) {
                throw new Violation("an event of more than " + largest + " bytes");
            }
            room(space, more + 1);
            more = body.take(message, end, more);
            end += more;
            if (body.skipLineEnd()) {
                if (end > 0 && message[end - 1] == '\r') {
                    end--;
                }
                return;
            }
        }
    }

    private void room(Space space, int more) {
        if (message == null) {
            message = space.take(Math.max(FIRST, end + more));
        } else if (message.length - end < more) {
            byte[] larger = space.take(2 * (end + more));
            System.arraycopy(message, 0, larger, 0, end);
            space.giveBack(message);
            message = larger;
        }
    }

    private boolean starts(int from, String name) {
        if (end - from < name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (message[from + i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** A line that is not data. */
    private void word(int from) throws Violation {
        if (end - from > LONGEST_WORD) {
            throw new Violation("a line of more than " + LONGEST_WORD + " bytes that is no data");
        }
        String line = new String(message, from, end - from, StandardCharsets.UTF_8);
        int colon = line.indexOf(':');
        String name = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + (line.startsWith(" ", colon + 1) ? 2 : 1));
        switch (name) {
            case "" -> comment = value.replaceAll("\\p{Cntrl}+", " ").strip();
            case "event" -> nextType = value;
            case "id" -> {
                // It goes back in a header.
                if (!value.matches("[\\x21-\\x7E]*")) {
                    throw new Violation("an id that is no word");
                }
                id = value;
            }
            default -> {
                // Of no use here.
            }
        }
    }

    @Override
    public byte[] message() {
        return message;
    }

    /** There is none: the server sends heartbeats by itself. */
    @Override
    public void ping() {}

    @Override
    public void close() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void abort() {
        dial.abort();
    }

    /** The body's bytes, without what HTTP puts between. */
    private static final class Body {
        private final InputStream in;
        private final boolean chunked;
        private final byte[] ahead = new byte[32 << 10];
        private int from;
        private int to;
        private long chunk;
        private boolean begun;

        Body(InputStream in, boolean chunked) {
            this.in = in;
            this.chunked = chunked;
        }

        int from() {
            return from;
        }

        /** Whether there are bytes of the body, for which it waits; false: it has ended. */
        boolean fill(Idle idle) throws IOException, InterruptedException {
            if (!chunked) {
                return from < to || receive(idle);
            }
            while (chunk == 0) {
                if (begun && byteOf(idle, true) != '\n') {
                    throw new Violation("a chunk that is longer than it said");
                }
                begun = true;
                chunk = size(idle);
                if (chunk == 0) {
                    return false;
                }
            }
            if (from == to && !receive(idle)) {
                throw new EOFException("the connection ended amid an answer");
            }
            return true;
        }

        /** Up to where the line, or what there is of it, goes. */
        int lineEnd() {
            int limit = (int) Math.min(to, chunked ? from + Math.min(chunk, ahead.length) : to);
            int p = from;
            while (p < limit && ahead[p] != '\n') {
                p++;
            }
            return p;
        }

        int take(byte[] target, int at, int count) {
            System.arraycopy(ahead, from, target, at, count);
            used(count);
            return count;
        }

        /** Whether a line end follows among the bytes at hand, which is skipped then. */
        boolean skipLineEnd() {
            if (from < to && (!chunked || chunk > 0) && ahead[from] == '\n') {
                used(1);
                return true;
            }
            return false;
        }

        private void used(int count) {
            from += count;
            chunk -= chunked ? count : 0;
        }

        private long size(Idle idle) throws IOException, InterruptedException {
            long size = 0;
            int digits = 0;
            int next = byteOf(idle, false);
            for (int digit = Character.digit(next, 16); digit >= 0; digit = Character.digit(next, 16)) {
                if (++digits > 8) {
                    throw new Violation("a chunk of more than 4 GiB");
                }
                size = size << 4 | digit;
                next = byteOf(idle, false);
            }
            if (digits == 0) {
                throw new Violation("a chunk without a length");
            }
            for (int passed = 0; next != '\n'; passed++) {
                if (passed > LONGEST_WORD) {
                    throw new Violation("a chunk whose extensions have no end");
                }
                next = byteOf(idle, false);
            }
            return size;
        }

        /** A byte between chunks; a CR may be passed over. */
        private int byteOf(Idle idle, boolean passReturn) throws IOException, InterruptedException {
            if (from == to && !receive(idle)) {
                throw new EOFException("the connection ended amid an answer");
            }
            int next = ahead[from++] & 0xFF;
            return passReturn && next == '\r' ? byteOf(idle, false) : next;
        }

        private boolean receive(Idle idle) throws IOException, InterruptedException {
            idle.beforeWaiting();
            int count = in.read(ahead, 0, ahead.length);
            from = 0;
            to = Math.max(0, count);
            return count > 0;
        }
    }
}
