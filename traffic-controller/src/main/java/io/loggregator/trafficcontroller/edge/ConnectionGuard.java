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
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sits between the HTTP codec and Vert.x, and sees to it that an HTTP/1 request comes in time. When a WebSocket comes of
 * the connection, the guard leaves. It also brings a request into the form that Vert.x expects: a target without a
 * fragment, which {@link java.net.URI} reads if there is to be a WebSocket, and a decoder result that makes the request
 * an invalid one if its version is not known.
 */
final class ConnectionGuard extends ChannelDuplexHandler {
    private static final String DECODER = "httpDecoder";
    private static final String ENCODER = "httpEncoder";

    private final ByteWatch byteWatch = new ByteWatch();
    private final Runnable slow;

    private ScheduledFuture<?> deadline;
    private boolean idle;
    private boolean someBytes;
    private boolean inBody;
    private boolean responding;
    private int unanswered;

    private ConnectionGuard(Runnable slow) {
        this.slow = slow;
    }

    /** Puts a guard into a new connection. {@code slow} is told when a request did not come in time. */
    static void install(Channel channel, Runnable slow) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(DECODER) == null) {
            // HTTP/2, which has no WebSockets here, and whose streams bound themselves.
            pipeline.addFirst(new ReadTimeoutHandler(Limits.IDLE.toMillis(), TimeUnit.MILLISECONDS));
            return;
        }
        ConnectionGuard guard = new ConnectionGuard(slow);
        pipeline.addBefore(DECODER, "edgeByteWatch", guard.byteWatch);
        pipeline.addAfter(ENCODER, "edgeGuard", guard);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        idle = true;
        await(ctx, Limits.HEADERS);
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
        if (message instanceof HttpRequest request) {
            idle = false;
            inBody = true;
            unanswered++;
            HttpVersion version = request.protocolVersion();
            if (request.decoderResult().isSuccess()) {
                String target = PercentCoding.tolerant(request.uri());
                boolean upgrade = request.headers().contains(HttpHeaderNames.UPGRADE);
                request.setUri(upgrade ? PercentCoding.wholeQuery(target) : target);
                if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
                    request.setDecoderResult(DecoderResult.failure(new UnknownVersion(version)));
                }
            }
            await(ctx, Limits.BODY);
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
            await(ctx, Limits.IDLE);
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
        boolean started = someBytes || inBody;
        if (started) {
            slow.run();
        }
        if (started && !responding && unanswered <= 1) {
            byteWatch.refuse();
        } else {
            var unused = ctx.close();
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
                    await(context, Limits.HEADERS);
                }
            }
            context.fireChannelRead(message);
        }

        void refuse() {
            byte[] answer = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);
            ctx.writeAndFlush(Unpooled.wrappedBuffer(answer)).addListener(ChannelFutureListener.CLOSE);
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
