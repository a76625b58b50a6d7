package io.loggregator.trafficcontroller.edge;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sits between the HTTP codec and Vert.x, and sees to it that an HTTP/1 request comes in time. When a WebSocket comes of
 * the connection, the guard leaves. It also brings a request into the form that Vert.x expects: a target without
 * authority and fragment, which {@link java.net.URI} reads if there is to be a WebSocket, and a decoder result that makes the request
 * an invalid one if its version is not known.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
    private static final String DECODER = "httpDecoder";
    private static final String ENCODER = "httpEncoder";

    private final ByteWatch byteWatch = new ByteWatch();
    private final Limits.Times times;
    private final Consumer<Refusal> refused;
    private final Consumer<String> closedIdle;

    private ScheduledFuture<?> deadline;
    private boolean idle;
    private boolean someBytes;
    private boolean asked;
    private boolean inBody;
    private boolean responding;
    private boolean broken;
    private int unanswered;

    private ConnectionGuard(Limits.Times times, Consumer<Refusal> refused, Consumer<String> closedIdle) {
        this.times = times;
        this.refused = refused;
        this.closedIdle = closedIdle;
    }

    /**
     * Puts a guard into a new connection.
     *
     * @param refused told what does not come in time or breaks off
     * @param closedIdle told when the connection is closed because nothing came, as {@link EdgeOptions#idle}
     */
    static void install(Channel channel, Limits.Times times, Consumer<Refusal> refused, Consumer<String> closedIdle) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(DECODER) == null) {
            // HTTP/2, which has no WebSockets here, and whose streams bound themselves.
            pipeline.addFirst(new ReadTimeoutHandler(times.idle().toMillis(), TimeUnit.MILLISECONDS) {
                @Override
                protected void readTimedOut(ChannelHandlerContext ctx) throws Exception {
                    // Who only listens has nothing to say.
                    if (!Channels.isListened(ctx.channel())) {
                        closedIdle.accept(EdgeOptions.NEXT);
                        super.readTimedOut(ctx);
                    }
                }
            });
            return;
        }
        ConnectionGuard guard = new ConnectionGuard(times, refused, closedIdle);
        pipeline.addBefore(DECODER, "edgeByteWatch", guard.byteWatch);
        pipeline.addAfter(ENCODER, "edgeGuard", guard);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        idle = true;
        await(ctx, times.headers());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopWaiting();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopWaiting();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (broken || !ctx.channel().isActive()) {
            // At the end of a connection the decoder makes an invalid request of what it has.
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpRequest request) {
            idle = false;
            asked = true;
            inBody = true;
            unanswered++;
            HttpVersion version = request.protocolVersion();
            if (request.decoderResult().isSuccess()) {
                String target = PercentCoding.tolerant(Target.withoutAuthority(request.uri()));
                boolean upgrade = request.headers().contains(HttpHeaderNames.UPGRADE);
                request.setUri(upgrade ? PercentCoding.wholeQuery(target) : target);
                if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
                    request.setDecoderResult(DecoderResult.failure(new UnknownVersion(version)));
                }
            }
            await(ctx, times.body());
        } else if (message instanceof HttpContent content
                && content.decoderResult().isFailure()) {
            content.release();
            refused.accept(Refusal.MALFORMED_REQUEST);
            breakOff(ctx, HttpResponseStatus.BAD_REQUEST);
            return;
        }
        if (message instanceof LastHttpContent) {
            inBody = false;
            stopWaiting();
            becomeIdle(ctx);
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) throws Exception {
        if (message instanceof HttpResponse response) {
            if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                super.write(ctx, message, promise);
                ctx.pipeline().remove(byteWatch);
                ctx.pipeline().remove(this);
                return;
            }
            responding = response.status().code() >= 200;
        }
        if (message instanceof LastHttpContent && responding) {
            responding = false;
            unanswered--;
            becomeIdle(ctx);
        }
        super.write(ctx, message, promise);
    }

    private void becomeIdle(ChannelHandlerContext ctx) {
        if (unanswered <= 0 && !inBody) {
            idle = true;
            someBytes = false;
            await(ctx, times.idle());
        }
    }

    private void await(ChannelHandlerContext ctx, Duration patience) {
        stopWaiting();
        deadline = ctx.executor().schedule(() -> expire(ctx), patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stopWaiting() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void expire(ChannelHandlerContext ctx) {
        if (someBytes || inBody) {
            refused.accept(Refusal.SLOW_REQUEST);
            breakOff(ctx, HttpResponseStatus.REQUEST_TIMEOUT);
        } else {
            closedIdle.accept(asked ? EdgeOptions.NEXT : EdgeOptions.FIRST);
            var unused = ctx.close();
        }
    }

    /** Ends the connection, with an answer if none is under way. */
    private void breakOff(ChannelHandlerContext ctx, HttpResponseStatus status) {
        stopWaiting();
        broken = true;
        if (responding || unanswered > 1) {
            var unused = ctx.close();
        } else {
            byteWatch.answer(status);
        }
    }

    /** Sees the bytes before they are HTTP. */
    private final class ByteWatch extends ChannelInboundHandlerAdapter {
        private ChannelHandlerContext ctx;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            ctx = context;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (idle && !someBytes) {
                someBytes = true;
                if (deadline != null) {
                    await(context, times.headers());
                }
            }
            context.fireChannelRead(message);
        }

        void answer(HttpResponseStatus status) {
            String answer = "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
            ctx.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** The reason that makes a request of an unknown version an invalid one. */
    static final class UnknownVersion extends Exception {
        private static final long serialVersionUID = 1L;

        UnknownVersion(HttpVersion version) {
            super("unknown version " + version, null, false, false);
        }
    }
}
