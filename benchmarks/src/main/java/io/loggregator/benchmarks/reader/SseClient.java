package io.loggregator.benchmarks.reader;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;

/** One reader of all logs at {@code /v2/read}, by HTTP/1.1. */
final class SseClient extends ChannelInboundHandlerAdapter implements Client {
    private final Endpoint endpoint;
    private final String path;
    private final Checker checker;
    private final SseScanner lines;
    private final CompletableFuture<Void> open = new CompletableFuture<>();
    private ChannelHandlerContext context;
    private volatile String ended;

    /** @param shard that it reads; letters, digits and hyphens */
    SseClient(Endpoint endpoint, String shard, Checker checker) {
        this.endpoint = endpoint;
        this.path = "/v2/read?log&shard_id=" + shard;
        this.checker = checker;
        this.lines = new SseScanner(checker);
    }

    @Override
    public void connect(EventLoop loop) {
        endpoint.connect(loop, channel -> channel.pipeline().addLast(new HttpClientCodec(), this), open);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers().set(HttpHeaderNames.HOST, endpoint.authority());
        ctx.writeAndFlush(request);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (ended != null) {
                return;
            }
            if (message instanceof HttpResponse response) {
                if (!response.status().equals(HttpResponseStatus.OK)) {
                    end(path + " answers " + response.status());
                    ctx.close();
                    return;
                }
                open.complete(null);
            }
            if (message instanceof HttpContent content) {
                lines.read(content.content(), System.nanoTime());
                if (message instanceof LastHttpContent) {
                    end("the body ended");
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end("the connection is gone");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        end(String.valueOf(cause));
        ctx.close();
    }

    private void end(String why) {
        if (ended == null) {
            ended = why;
            open.completeExceptionally(new IllegalStateException(why));
        }
    }

    @Override
    public CompletableFuture<Void> open() {
        return open;
    }

    @Override
    public Checker checker() {
        return checker;
    }

    @Override
    public int source() {
        return -1;
    }

    @Override
    public String ended() {
        return ended;
    }

    @Override
    public void leave() {
        end("it has left");
        if (context != null) {
            context.close();
        }
    }
}
