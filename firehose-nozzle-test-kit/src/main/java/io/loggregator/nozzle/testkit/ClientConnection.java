package io.loggregator.nozzle.testkit;

import io.loggregator.streaming.v2.Ready;
import io.loggregator.streaming.v2.Start;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A client's WebSocket, or its request for events: what it does can be awaited, and everything can be done to it that a server or a network does to a
 * client.
 */
public final class ClientConnection {
    private static final int PROTOCOL_ERROR = 1002;
    private static final long PATIENCE_SECONDS = 20;

    private final Request request;
    private final ScriptedStream stream;
    private final boolean acknowledging;
    private final boolean events;
    private final Wire wire;
    private final Executor loop;
    private final Protocol protocol;

    private final Observed<Optional<Start>> start = new Observed<>("the client's start", Optional.empty());
    private final Observed<Long> mark = new Observed<>("the mark up to which the client acknowledged", 0L);
    private final Observed<Long> credit = new Observed<>("bytes of credit that the client gave", 0L);
    private final Observed<Long> pings = new Observed<>("Pings from the client", 0L);
    private final Observed<Long> pongs = new Observed<>("Pongs from the client", 0L);
    private final Observed<Optional<String>> violation = new Observed<>("what the client did wrong", Optional.empty());
    private final Observed<Optional<Ended>> ended = new Observed<>("the client's end", Optional.empty());

    // On the event loop.
    private final Deque<Out> out = new ArrayDeque<>();
    private final Deque<Item> own = new ArrayDeque<>();
    private int largestFrame = Integer.MAX_VALUE;
    private boolean closing;
    private Ended close;

    /** Something that was written and is not acknowledged. */
    private record Out(long mark, Item item) {}

    /** A WebSocket; {@code ready} is null for a client of v1. */
    static ClientConnection webSocket(Request request, ScriptedStream stream, Ready ready, Wire wire, Executor loop) {
        return new ClientConnection(
                request,
                stream,
                wire,
                loop,
                ready != null,
                false,
                connection -> ready != null
                        ? new V2Protocol(connection, ready, !stream.shared())
                        : new V1Protocol(connection, stream.noticeSource()));
    }

    /**
     * Events.
     *
     * @param ids whether those of an app's stream have any
     */
    static ClientConnection events(Request request, ScriptedStream stream, boolean ids, Wire wire, Executor loop) {
        return new ClientConnection(
                request,
                stream,
                wire,
                loop,
                false,
                true,
                connection -> new EventsProtocol(connection, stream.noticeSource(), ids && !stream.shared()));
    }

    private ClientConnection(
            Request request,
            ScriptedStream stream,
            Wire wire,
            Executor loop,
            boolean acknowledging,
            boolean events,
            Function<ClientConnection, Protocol> protocol) {
        this.request = request;
        this.stream = stream;
        this.acknowledging = acknowledging;
        this.events = events;
        this.wire = wire;
        this.loop = loop;
        this.protocol = protocol.apply(this);
    }

    // ---- what the client does ----------------------------------------------------------------------------------

    /** What it asked for, with its token. */
    public Request request() {
        return request;
    }

    /** Whether it speaks {@code loggregator.stream.v2}; otherwise v1, or it reads events. */
    public boolean acknowledging() {
        return acknowledging;
    }

    /** How it started: selectors, credit, position. Clients of v1 do not. */
    public Observed<Optional<Start>> start() {
        return start;
    }

    /** Waits for the client's start. */
    public Start awaitStart() {
        return start.await(Optional::isPresent).orElseThrow();
    }

    /** The highest mark that it has acknowledged; 0: none. Items of a stream have the marks 1, 2, 3 and so on. */
    public Observed<Long> acknowledgedMark() {
        return mark;
    }

    /** Bytes of credit that it has given so far, those of its start included; no limit is {@link Long#MAX_VALUE}. */
    public Observed<Long> creditGiven() {
        return credit;
    }

    /** How many Pings it has sent; they are answered. */
    public Observed<Long> pings() {
        return pings;
    }

    /** How many Pongs it has sent. */
    public Observed<Long> pongs() {
        return pongs;
    }

    /** How it broke the protocol, if it did: it is closed with that reason, as the Traffic Controller does. */
    public Observed<Optional<String>> violation() {
        return violation;
    }

    /** How it ended; empty while it is open. */
    public Observed<Optional<Ended>> ended() {
        return ended;
    }

    /** Waits for its end. */
    public Ended awaitEnd() {
        return ended.await(Optional::isPresent).orElseThrow();
    }

    // ---- what is done to it ------------------------------------------------------------------------------------

    /** Resets the TCP connection, as a dead process or a firewall does. */
    public void reset() {
        loop.execute(wire::reset);
    }

    /** Ends the TCP connection without a Close frame. */
    public void end() {
        loop.execute(wire::end);
    }

    /**
     * Closes with this code, of whatever kind, and nothing is sent after it. The connection ends when the client has closed,
     * too. Events have no code; the reason is a comment at their end.
     *
     * @param code 0 to 65,535, those included that must not be sent (RFC 6455, 7.4)
     * @param reason up to 123 bytes as UTF-8
     */
    public void close(int code, String reason) {
        loop.execute(() -> {
            if (events) {
                endEvents(reason.isEmpty() ? "" : ": " + reason + "\n");
            } else {
                writeClose(Frames.close(code, reason));
            }
        });
    }

    /** Closes with a frame that has no code. */
    public void closeWithoutCode() {
        loop.execute(() -> writeClose(new byte[0]));
    }

    /** Ends events as the gateway does after {@code STREAM_TIMEOUT}. */
    public void closing() {
        loop.execute(() -> endEvents("event: closing\ndata: closing due to stream timeout\n\n"));
    }

    /** Sends a heartbeat among events. */
    public void heartbeat() {
        events("event: heartbeat\ndata: 1500000000\n\n");
    }

    /** Sends these lines among events, whatever they are, each with its line end. */
    public void events(String lines) {
        byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
        loop.execute(() -> writeEvents(bytes, bytes.length));
    }

    /** Reads nothing more: acknowledgements, credit, Pings and Closes that are sent from now on are not seen. */
    public void stopReading() {
        // What the caller has the client send next must not arrive before.
        CompletableFuture.runAsync(wire::stopReading, loop)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Ends {@link #stopReading()}. */
    public void readAgain() {
        loop.execute(wire::readAgain);
    }

    /** Writes whatever is still to be written so many bytes at a time, with a pause between; 1 byte and more. */
    public void slow(int bytes, Duration pause) {
        loop.execute(() -> wire.slow(bytes, pause));
    }

    /** Sends a Ping. */
    public void ping() {
        loop.execute(() -> writeFrame(true, Frames.PING, new byte[0]));
    }

    /** Sends a text message. */
    public void text(String text) {
        loop.execute(() -> writeFrame(true, Frames.TEXT, Buffer.buffer(text).getBytes()));
    }

    /** Sends a binary message, beside the script: invalid protobuf, an unknown message, or any that the script has not. */
    public void message(byte[] message) {
        loop.execute(() -> writeMessage(message));
    }

    /** Messages from now on are cut into frames of so many bytes at most; 1 byte and more. */
    public void fragment(int largest) {
        loop.execute(() -> largestFrame = largest);
    }

    /**
     * Sends one frame as it is.
     *
     * @param last whether it says that it ends its message
     * @param opcode 0 to 15
     */
    public void frame(boolean last, int opcode, byte[] payload) {
        loop.execute(() -> writeFrame(last, opcode, payload));
    }

    /** Says that a binary message of this length comes, up to 2^63 - 1 bytes. What comes next on the wire is in it. */
    public void announce(long length) {
        loop.execute(() -> wire.write(Frames.head(true, Frames.BINARY, length)));
    }

    /** Writes these bytes on the wire, where a frame should begin. */
    public void garbage(byte[] bytes) {
        loop.execute(() -> wire.write(Buffer.buffer(bytes)));
    }

    /** Its request, and how it ended if it did. */
    @Override
    public String toString() {
        return request.target()
                + ended.now().map(end -> " (ended: " + end + ")").orElse("");
    }

    // ---- on the event loop -------------------------------------------------------------------------------------

    /** What an app's stream has for this client alone. */
    Deque<Item> own() {
        return own;
    }

    Frames.Listener listener() {
        return new Frames.Listener() {
            @Override
            public void message(boolean text, byte[] payload) {
                protocol.message(text, payload);
            }

            @Override
            public void ping(byte[] payload) {
                pings.change(count -> count + 1);
                writeFrame(true, Frames.PONG, payload);
            }

            @Override
            public void pong(byte[] payload) {
                pongs.change(count -> count + 1);
                protocol.pong(payload);
            }

            @Override
            public void close(byte[] payload) {
                close = Frames.ended(payload);
                if (!closing) {
                    writeClose(payload);
                }
                wire.end();
            }

            @Override
            public void malformed() {
                violated(PROTOCOL_ERROR, "what came was no message, or too long");
            }
        };
    }

    void opened() {
        stream.opened(this);
        if (!acknowledging) {
            stream.joined(this, events ? request.header("last-event-id").orElse("") : "");
        }
    }

    void over() {
        wire.ended();
        closing = true;
        stream.left(this, List.copyOf(out).stream().map(Out::item).toList());
        ended.change(open -> Optional.of(close == null ? new Ended(Ended.NO_CLOSE, "") : close));
    }

    void started(Start wanted, long first) {
        credit.change(none -> first);
        start.change(none -> Optional.of(wanted));
        stream.joined(this, wanted.getResume());
    }

    void credited(long bytes) {
        credit.change(given -> V2Protocol.sum(given, bytes));
        stream.pump();
    }

    /** Everything up to and with this mark. */
    void acknowledge(long upTo) {
        mark.change(before -> Long.compareUnsigned(upTo, before) > 0 ? upTo : before);
        while (!out.isEmpty() && Long.compareUnsigned(out.peek().mark(), upTo) <= 0) {
            stream.acknowledged(out.remove().item());
        }
    }

    void violated(int code, String reason) {
        violation.change(before -> before.isPresent() ? before : Optional.of(reason));
        if (!closing) {
            writeClose(Frames.close(code, reason));
        }
    }

    boolean takes(Item item) {
        return !closing && protocol.takes(item);
    }

    void give(Item item) {
        long written = protocol.write(item);
        out.add(new Out(written, item));
        if (events) {
            acknowledge(written);
        }
    }

    void tellPosition() {
        if (!closing && protocol instanceof V2Protocol v2) {
            v2.tellPosition();
        }
    }

    void writeMessage(byte[] message) {
        int at = 0;
        do {
            int end = (int) Math.min(message.length, (long) at + largestFrame);
            byte[] piece = Arrays.copyOfRange(message, at, end);
            writeFrame(end == message.length, at == 0 ? Frames.BINARY : Frames.CONTINUATION, piece);
            at = end;
        } while (at < message.length);
    }

    void writeFrame(boolean last, int opcode, byte[] payload) {
        wire.write(Frames.frame(last, opcode, payload));
    }

    /** Bytes of events, as a chunk. */
    void writeEvents(byte[] bytes, int length) {
        wire.write(Buffer.buffer(Integer.toHexString(length) + "\r\n")
                .appendBytes(bytes, 0, length)
                .appendString("\r\n"));
    }

    private void endEvents(String lines) {
        if (!lines.isEmpty()) {
            byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
            writeEvents(bytes, bytes.length);
        }
        closing = true;
        wire.write(Buffer.buffer("0\r\n\r\n"));
        wire.end();
    }

    private void writeClose(byte[] payload) {
        closing = true;
        writeFrame(true, Frames.CLOSE, payload);
    }
}
