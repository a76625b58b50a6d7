package io.loggregator.trafficcontroller.fanout;

import io.loggregator.fuzzing.Claim;
import io.loggregator.trafficcontroller.edge.Upgraded;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a v1 client sends once its stream is a WebSocket, whole and in pieces. */
public final class ClientFramesTarget {
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final int LARGEST_CONTROL = 125;

    private ClientFramesTarget() {}

    /** A client that is asked again for a Pong as soon as it has sent one. */
    private static final class Stream implements ClientSocket.Owner {
        final List<Long> reached = new ArrayList<>();
        private long time;
        private Upgraded connection;
        private ClientSocket socket;
        private long marked;
        private int violated;
        private int ended;

        void open() {
            List<Runnable> before = new ArrayList<>();
            Turn turn = new Turn(
                    action -> {
                        if (connection == null) {
                            before.add(action);
                        } else {
                            connection.later(action);
                        }
                    },
                    () -> time++);
            connection = new Upgraded(webSocket -> {
                socket = new ClientSocket(webSocket, turn, ClientTimes.USUAL_PONG, this);
                socket.open();
                marked = socket.mark();
            });
            before.forEach(connection::later);
        }

        @Override
        public void reached(long mark) {
            Claim.that(mark == marked, "what is confirmed was asked for, and not confirmed before");
            reached.add(mark);
            marked = socket.mark();
        }

        @Override
        public void writableAgain() {}

        @Override
        public boolean hasWaiting() {
            return false;
        }

        @Override
        public void violated() {
            violated++;
        }

        @Override
        public void ended() {
            ended++;
        }
    }

    /** What became of a stream. */
    private record End(List<Long> reached, boolean violated, boolean open, byte[] sent) {
        boolean same(End other) {
            return reached.equals(other.reached)
                    && violated == other.violated
                    && open == other.open
                    && Arrays.equals(sent, other.sent);
        }
    }

    /** What the fuzzer begins with: Pongs of every kind, Pings, keep-alives, messages in fragments, and closes. */
    public static List<byte[]> seeds() {
        byte[] mark = ByteBuffer.allocate(Long.BYTES).putLong(1).array();
        byte[] next = ByteBuffer.allocate(Long.BYTES).putLong(2).array();
        byte[] text = "keep alive".getBytes(StandardCharsets.US_ASCII);
        byte[] normal = {3, (byte) 0xE8};
        return List.of(
                stream(3, frame(FINAL | PONG, new byte[0]), frame(FINAL | PONG, mark), frame(FINAL | PONG, next)),
                stream(
                        200,
                        frame(FINAL | PONG, new byte[0]),
                        frame(FINAL | PONG, new byte[0]),
                        frame(FINAL | PONG, text)),
                stream(0, frame(FINAL | TEXT, text), frame(FINAL | PING, text), frame(FINAL | CLOSE, normal)),
                stream(9, frame(BINARY, text), frame(FINAL | PING, mark), frame(FINAL | CONTINUATION, text)),
                stream(50, frame(TEXT, text), frame(CONTINUATION, text), frame(FINAL | CONTINUATION, new byte[300])),
                stream(7, frame(FINAL | CLOSE, new byte[0]), frame(FINAL | PING, text)),
                stream(1, frame(FINAL | PING, new byte[126])),
                stream(1, frame(FINAL | 3, text), frame(FINAL | PING, text)),
                stream(99, frame(FINAL | TEXT, new byte[65_537])));
    }

    private static byte[] stream(int how, byte[]... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(how);
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        return all.toByteArray();
    }

    private static byte[] frame(int head, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(head);
        if (payload.length <= LARGEST_CONTROL) {
            frame.write(MASKED | payload.length);
        } else if (payload.length <= 0xFFFF) {
            frame.write(MASKED | 126);
            frame.writeBytes(
                    ByteBuffer.allocate(2).putShort((short) payload.length).array());
        } else {
            frame.write(MASKED | 127);
            frame.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        // Masked with zeros, so that the fuzzer sees what it does.
        frame.writeBytes(new byte[4]);
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** Takes any bytes; the first tells where the rest is cut. */
    public static void fuzzerTestOneInput(byte[] data) {
        if (data.length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
        Expected expected = new Expected(bytes);
        End whole = serve(bytes, Math.max(1, bytes.length), expected);
        End inPieces = serve(bytes, 1 + (data[0] & 0xFF), expected);
        Claim.that(whole.same(inPieces), "the same however it arrives");
    }

    private static End serve(byte[] bytes, int piece, Expected expected) {
        Stream stream = new Stream();
        stream.open();
        Upgraded connection = stream.connection;
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length && connection.isOpen(); at += piece) {
            connection.bring(bytes, at, Math.min(bytes.length, at + piece));
            sent.writeBytes(connection.sent());
        }
        End end = new End(stream.reached, stream.violated > 0, connection.isOpen(), sent.toByteArray());
        check(end, expected);
        Claim.that(end.open() == (stream.ended == 0), "the owner of a stream is told of its end");
        connection.close();
        Claim.that(stream.ended == 1, "and once");
        Claim.that(stream.violated <= 1, "a violation is one");
        Claim.that(connection.held() == 0, "nothing is kept of a client that is gone");
        return end;
    }

    private static void check(End end, Expected expected) {
        Claim.that(end.reached().size() <= expected.confirming, "only Pongs confirm");
        Claim.that(end.violated() == expected.broken, "a violation is one by RFC 6455, and none is overlooked");
        Claim.that(end.open() == !(expected.broken || expected.closed), "what ends a stream");
        List<byte[]> pongs = new ArrayList<>();
        boolean closed = false;
        ByteBuffer sent = ByteBuffer.wrap(end.sent());
        while (sent.hasRemaining()) {
            int head = sent.get() & 0xFF;
            byte[] payload = new byte[sent.get()];
            sent.get(payload);
            Claim.that(!closed, "nothing follows a Close");
            switch (head) {
                case FINAL | PONG -> pongs.add(payload);
                case FINAL | CLOSE -> closed = true;
                default -> Claim.that(head == (FINAL | PING), "no frames but Pings, Pongs and a Close");
            }
        }
        Claim.that(closed == !end.open(), "a stream ends with a Close");
        Claim.that(
                Arrays.deepEquals(pongs.toArray(), expected.pings.toArray()),
                "a Pong for each Ping, with what is in it");
    }

    /** What the frames mean by RFC 6455, up to the first that is wrong or the last there may be. */
    private static final class Expected {
        private static final int LARGEST = 64 * 1024;

        final List<byte[]> pings = new ArrayList<>();
        int confirming;
        boolean broken;
        boolean closed;

        Expected(byte[] bytes) {
            boolean within = false;
            int at = 0;
            while (!broken && !closed && at + 2 <= bytes.length) {
                int head = bytes[at] & 0xFF;
                int kind = head & 0x0F;
                boolean last = (head & FINAL) != 0;
                boolean masked = (bytes[at + 1] & MASKED) != 0;
                long length = bytes[at + 1] & 0x7F;
                boolean control = kind >= CLOSE;
                if ((head & 0x70) != 0
                        || !masked
                        || kind > PONG
                        || (kind > BINARY && !control)
                        || (control && (!last || length > LARGEST_CONTROL))
                        || (kind == CLOSE && length == 1)
                        || (!control && within != (kind == CONTINUATION))) {
                    broken = true;
                    return;
                }
                int from = at + 2;
                if (length >= 126) {
                    int more = length == 126 ? 2 : 8;
                    if (bytes.length < from + more) {
                        return;
                    }
                    ByteBuffer size = ByteBuffer.wrap(bytes, from, more);
                    long told = more == 2 ? size.getShort() & 0xFFFF : size.getLong();
                    if (told > LARGEST || told < (more == 2 ? 126 : 0x10000)) {
                        broken = true;
                        return;
                    }
                    length = told;
                    from += more;
                }
                if (bytes.length < from + 4 + length) {
                    return;
                }
                byte[] payload = Arrays.copyOfRange(bytes, from + 4, from + 4 + (int) length);
                for (int i = 0; i < payload.length; i++) {
                    payload[i] ^= bytes[from + i % 4];
                }
                at = from + 4 + payload.length;
                if (!control) {
                    within = !last;
                }
                take(kind, payload);
            }
        }

        private void take(int kind, byte[] payload) {
            if (kind == PING) {
                pings.add(payload);
            } else if (kind == PONG && (payload.length == 0 || payload.length == Long.BYTES)) {
                confirming++;
            } else if (kind == CLOSE) {
                broken = payload.length > 0
                        && !(isCode(ByteBuffer.wrap(payload).getShort() & 0xFFFF) && isText(payload));
                closed = !broken;
            }
        }

        /** Of a Close: one that may be sent. */
        private static boolean isCode(int code) {
            return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || code >= 3000;
        }

        /** Of a Close, behind the code; a last character that is not whole is nobody's business. */
        private static boolean isText(byte[] payload) {
            return !StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(
                            ByteBuffer.wrap(payload, Short.BYTES, payload.length - Short.BYTES),
                            CharBuffer.allocate(payload.length),
                            false)
                    .isError();
        }
    }
}
