package io.loggregator.benchmarks.reader;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** One WebSocket client: the handshake, then frames. Answers Pings, by which the server sees what has arrived. */
public final class WebSocketClient extends ChannelInboundHandlerAdapter implements Client, FrameScanner.Sink {
    private static final int LARGEST_HEAD = 8192;
    private static final int BINARY = 0x82;
    private static final int PONG = 0x8A;
    private static final int MASKED = 0x80;
    /** With a length of one byte. */
    private static final int LARGEST_SENT = 125;

    private static final ByteBuf HEAD_END = Unpooled.unreleasableBuffer(
            Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII).asReadOnly());

    private final Endpoint endpoint;
    private final String path;
    private final Checker checker;
    /** The source that it follows, -1 for a firehose. */
    private final int source;

    private final String tokenOrNull;

    private final Conversation conversation;
    private final Course course;
    private final FrameScanner frames = new FrameScanner(this);
    private ByteBuf head;
    private ChannelHandlerContext context;
    private long now;
    private boolean answered;

    /**
     * A v1 client that connects later.
     *
     * @param path and query of the request
     * @param source that it follows; -1 for a firehose
     */
    public WebSocketClient(Endpoint endpoint, String path, int source, Checker checker) {
        this(endpoint, path, source, checker, Conversation.v1(checker), null);
    }

    /**
     * A client that connects later.
     *
     * @param checker told by the conversation what comes
     * @param conversation of this connection alone
     */
    public WebSocketClient(
            Endpoint endpoint,
            String path,
            int source,
            Checker checker,
            Conversation conversation,
            String tokenOrNull) {
        this.endpoint = endpoint;
        this.path = path;
        this.course = new Course(path);
        this.source = source;
        this.checker = checker;
        this.conversation = conversation;
        this.tokenOrNull = tokenOrNull;
    }

    @Override
    public void connect(EventLoop loop) {
        endpoint.connect(loop, channel -> channel.pipeline().addLast(this), course.open());
    }

    @Override
    public Course course() {
        return course;
    }

    @Override
    public int source() {
        return source;
    }

    @Override
    public Checker checker() {
        return checker;
    }

    @Override
    public void leave() {
        course.end("it has left");
        if (context != null) {
            context.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        head = ctx.alloc().buffer();
        String subprotocol = conversation.subprotocolOrNull();
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + endpoint.authority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                + "\r\nSec-WebSocket-Key: bG9hZCBnZW5lcmF0b3IxMg=="
                + (subprotocol == null ? "" : "\r\nSec-WebSocket-Protocol: " + subprotocol)
                + (tokenOrNull == null ? "" : "\r\nAuthorization: " + tokenOrNull) + "\r\n\r\n";
        ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), request));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        try {
            now = System.nanoTime();
            if (course.ended() != null) {
                return;
            }
            if (head == null) {
                frames.read(chunk);
            } else {
                head.writeBytes(chunk);
                handshake();
            }
        } finally {
            chunk.release();
        }
    }

    private void handshake() {
        int length = ByteBufUtil.indexOf(HEAD_END, head);
        if (length < 0) {
            if (head.readableBytes() > LARGEST_HEAD) {
                throw new FrameScanner.Malformed("an endless answer to the handshake");
            }
            return;
        }
        String answer =
                head.readCharSequence(length, StandardCharsets.ISO_8859_1).toString();
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new FrameScanner.Malformed(
                    path + " answers " + answer.lines().findFirst().orElse(""));
        }
        if (!chosen(answer)) {
            throw new FrameScanner.Malformed(path + " does not speak " + conversation.subprotocolOrNull());
        }
        head.skipBytes(HEAD_END.readableBytes());
        conversation.begin(new OwnLine());
        frames.read(head);
        head.release();
        head = null;
        course.opened();
    }

    private boolean chosen(String answer) {
        String subprotocol = conversation.subprotocolOrNull();
        return subprotocol == null
                || answer.lines().anyMatch(line -> line.equalsIgnoreCase("Sec-WebSocket-Protocol: " + subprotocol));
    }

    private final class OwnLine implements Conversation.Line {
        @Override
        public void say(byte[] message) {
            if (message.length > LARGEST_SENT) {
                throw new IllegalArgumentException("a message of " + message.length + " bytes");
            }
            context.writeAndFlush(frame(BINARY, message, 0, message.length));
        }

        @Override
        public void later(Runnable task, long millis) {
            context.executor()
                    .schedule(
                            () -> {
                                if (course.ended() == null) {
                                    task.run();
                                }
                            },
                            millis,
                            TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void binary(byte[] bytes, int from, int to) {
        conversation.take(bytes, from, to, now);
    }

    @Override
    public void ping(byte[] bytes, int from, int to) {
        context.write(frame(PONG, bytes, from, to - from), context.voidPromise());
        answered = true;
    }

    private ByteBuf frame(int kind, byte[] bytes, int from, int length) {
        // A mask of zeros leaves the payload as it is.
        return context.alloc()
                .buffer(6 + length)
                .writeByte(kind)
                .writeByte(MASKED | length)
                .writeInt(0)
                .writeBytes(bytes, from, length);
    }

    @Override
    public void close(byte[] bytes, int from, int to) {
        String reason = to - from < 2
                ? "without a code"
                : ((bytes[from] & 0xFF) << 8 | (bytes[from + 1] & 0xFF)) + " "
                        + new String(bytes, from + 2, to - from - 2, StandardCharsets.UTF_8);
        course.end("closed by the server: " + reason);
        context.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (answered) {
            answered = false;
            ctx.flush();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        course.end("the connection is gone");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        course.end(String.valueOf(cause));
        ctx.close();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (head != null) {
            head.release();
            head = null;
        }
    }
}
