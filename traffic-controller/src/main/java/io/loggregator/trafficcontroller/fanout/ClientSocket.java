package io.loggregator.trafficcontroller.fanout;

import io.loggregator.trafficcontroller.edge.Channels;
import io.loggregator.trafficcontroller.subscription.Stall;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;

/**
 * The writing half of a client's WebSocket. Finished frames go straight to the channel, shared with other clients and
 * flushed together at the end of a turn; Vert.x keeps the handshake, the reading and the close. Every Ping carries a mark;
 * its Pong says that everything before it has arrived.
 */
public final class ClientSocket {
    public static final short GOING_AWAY = 1001;
    public static final short POLICY_VIOLATION = 1008;
    public static final String NO_PONG = "Client did not respond to ping before keep-alive timeout expired.";

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 * 1024, 256 * 1024);
    private static final int PING = 0x89;
    private static final String HANDLER = "loggregator-egress";

    private final ServerWebSocket webSocket;
    /** Of Vert.x's handler, the last in the pipeline. */
    private final ChannelHandlerContext context;
    /** From where on finished frames travel: nothing but TLS lies between here and the wire. */
    private ChannelHandlerContext wire;

    private final Turn turn;
    private final long pongNanos;
    private final Owner owner;
    private final Stall stall = new Stall();
    private boolean needsFlush;
    private boolean closing;
    private boolean ended;
    private long written;
    private long nextMark = 1;
    private long awaitedMark;
    private int barePings;
    private long pinged;
    private long alive;
    private long ponged;

    /** Whose socket it is. */
    public interface Owner {
        /** There is room again. */
        void writableAgain();

        /** Everything before the mark has arrived; marks grow. */
        void reached(long mark);

        /** Whether something waits for room. */
        boolean hasWaiting();

        /** The client sent a frame that is too long, or no frame at all; Vert.x ends the connection for it. */
        default void violated() {}

        /** It does not answer Pings, and is to be closed for that. */
        default void unresponsive() {}

        /** The socket is gone. */
        void ended();
    }

    /**
     * @param turn of the event loop that the socket belongs to
     * @param pong how long the client may take to answer a Ping; it is pinged when half of that has passed since its Pong
     */
    public ClientSocket(ServerWebSocket webSocket, Turn turn, Duration pong, Owner owner) {
        this.webSocket = webSocket;
        this.context = ((WebSocketInternal) webSocket).channelHandlerContext();
        this.wire = context;
        this.turn = turn;
        this.pongNanos = pong.toNanos();
        this.owner = owner;
        this.alive = turn.nanos();
    }

    /** Starts serving: the first Ping goes out at once. */
    public void open() {
        context.channel().config().setWriteBufferWaterMark(WATER_MARK);
        ChannelHandler handler = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelWritabilityChanged(ChannelHandlerContext ctx) {
                if (ctx.channel().isWritable()) {
                    // Netty calls without the context of the event loop, and a timer set without it may run on another.
                    turn.later(ClientSocket.this::room);
                }
                ctx.fireChannelWritabilityChanged();
            }
        };
        ChannelPipeline pipeline = context.pipeline();
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        if (tls == null) {
            pipeline.addFirst(HANDLER, handler);
        } else {
            pipeline.addAfter(tls.name(), HANDLER, handler);
        }
        // What Vert.x has written, the answer to the handshake for one, is not to be overtaken.
        context.flush();
        wire = pipeline.context(HANDLER);
        webSocket.pongHandler(this::pong);
        // Old clients send keep-alives of their own as text; they mean nothing here.
        webSocket.frameHandler(frame -> alive = turn.nanos());
        webSocket.exceptionHandler(error -> {
            if (error instanceof CorruptedFrameException) {
                owner.violated();
            }
        });
        webSocket.closeHandler(closed -> end());
        // Vert.x does not tell of the end while a message of its own waits for room.
        context.channel().closeFuture().addListener(closed -> turn.later(this::end));
        ping(0);
        flush();
    }

    private void room() {
        if (writable()) {
            owner.writableAgain();
        }
    }

    /** Whether more may be written now. */
    public boolean writable() {
        return !closing && context.channel().isWritable();
    }

    /** Writes whole frames; takes over the reference. They leave at the end of the turn. */
    public void write(ByteBuf frames) {
        if (closing) {
            frames.release();
            return;
        }
        written += frames.readableBytes();
        wire.write(frames, wire.voidPromise());
        if (!needsFlush) {
            needsFlush = true;
            turn.flushLater(this);
        }
    }

    /** Tells the client something at once, whether there is room or not; little, and no progress of the client's. */
    public void tell(ByteBuf frames) {
        if (closing) {
            frames.release();
            return;
        }
        wire.write(frames, wire.voidPromise());
        flush();
    }

    /** Sends what was written, now and not at the end of the turn. */
    public void flush() {
        needsFlush = false;
        wire.flush();
    }

    /**
     * Asks the client for a sign that everything so far has arrived.
     *
     * @return the mark that {@link Owner#reached} will be told, or 0 while an earlier one is still awaited
     */
    long mark() {
        if (awaitedMark != 0 || closing) {
            return 0;
        }
        long mark = nextMark++;
        ping(mark);
        return mark;
    }

    private void ping(long mark) {
        pinged = turn.nanos();
        boolean bare = mark == 0;
        if (bare) {
            barePings++;
        } else {
            awaitedMark = mark;
        }
        ByteBuf ping = context.alloc().ioBuffer(2 + Long.BYTES);
        ping.writeByte(PING).writeByte(bare ? 0 : Long.BYTES);
        if (!bare) {
            ping.writeLong(mark);
        }
        write(ping);
    }

    private void pong(Buffer payload) {
        ponged = turn.nanos();
        alive = ponged;
        pinged = 0;
        long mark = payload.length() == Long.BYTES ? payload.getLong(0) : 0;
        if (mark == 0 && barePings > 0) {
            barePings--;
        } else if (awaitedMark != 0 && (mark == awaitedMark || payload.length() == 0)) {
            // Clients that do not echo the payload still answer in order.
            mark = awaitedMark;
            awaitedMark = 0;
            owner.reached(mark);
        }
    }

    /** Bytes in this process that the client has not taken; shrinks whenever it takes some. */
    public long waitingBytes() {
        return Channels.waitingBytes(context.channel());
    }

    /**
     * Looks after the client; called every second or so.
     *
     * @param slowNanos time without any progress after which a client with data waiting is too slow
     * @return whether it is too slow; never of a socket that is being closed
     */
    public boolean tick(long slowNanos) {
        if (closing) {
            return false;
        }
        long now = turn.nanos();
        boolean idle = context.channel().isWritable() && !owner.hasWaiting();
        if (stall.progressed(idle, waitingBytes(), written, now) && !idle) {
            alive = now;
        }
        boolean slow = stall.isLongerThan(slowNanos, now);
        if (!slow) {
            keepAlive(now);
        }
        return slow;
    }

    private void keepAlive(long now) {
        if (pinged != 0) {
            if (now - Math.max(pinged, alive) >= pongNanos) {
                owner.unresponsive();
                close(POLICY_VIOLATION, NO_PONG);
            }
        } else if (now - ponged >= pongNanos / 2) {
            ping(0);
        }
    }

    /**
     * Closes: nothing is written any more but the Close frame, behind what waits. A client that does not take that is cut
     * off; one that has it all has as long for its own Close frame as Vert.x gives it.
     */
    public void close(short code, String reason) {
        if (closing) {
            return;
        }
        closing = true;
        webSocket.close(code, reason);
        new CloseLimit(context, this::waitingBytes).begin();
    }

    /** Whether it is being closed, or is gone. */
    boolean closing() {
        return closing;
    }

    private void end() {
        closing = true;
        if (!ended) {
            ended = true;
            owner.ended();
        }
    }

    /** The client's address, as log lines and notices name it; without a port if a load balancer did not tell it. */
    public String remote() {
        SocketAddress client = webSocket.remoteAddress();
        return client.port() == 0 ? client.host() : client.toString();
    }

    /** What the request says of whom it was forwarded for, whoever says so; empty if it says nothing. */
    public String forwardedFor() {
        return String.join(", ", webSocket.headers().getAll("X-Forwarded-For"));
    }

    /** What the client asked for. */
    public String uri() {
        return webSocket.uri();
    }
}
