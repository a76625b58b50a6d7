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

/**
 * One connection of a reader of all logs at {@code /v2/read}, by HTTP/1.1. One that reads no shard says where the last event
 * of the connection before it was, as browsers do.
 */
public final class SseClient extends ChannelInboundHandlerAdapter implements Client {
    private final Endpoint endpoint;
    private final String path;
    private final LastEvent last;
    private final String tokenOrNull;
    private final Checker checker;
    private final SseScanner lines;
    private final Course course;
    private ChannelHandlerContext context;

    /** @param shard that it reads; letters, digits and hyphens */
    SseClient(Endpoint endpoint, String shard, Checker checker) {
        this(endpoint, "/v2/read?log&shard_id=" + shard, new LastEvent(), checker, null);
    }

    /** @param last where the reader stands; one object for all its connections */
    public SseClient(Endpoint endpoint, LastEvent last, Checker checker, String tokenOrNull) {
        this(endpoint, "/v2/read?log", last, checker, tokenOrNull);
    }

    private SseClient(Endpoint endpoint, String path, LastEvent last, Checker checker, String tokenOrNull) {
        this.endpoint = endpoint;
        this.path = path;
        this.last = last;
        this.tokenOrNull = tokenOrNull;
        this.course = new Course(path);
        this.checker = checker;
        this.lines = new SseScanner(checker, last);
    }

    @Override
    public void connect(EventLoop loop) {
        endpoint.connect(loop, channel -> channel.pipeline().addLast(new HttpClientCodec(), this), course.open());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        request.headers().set(HttpHeaderNames.HOST, endpoint.authority());
        if (!last.id().isEmpty()) {
            request.headers().set("Last-Event-ID", last.id());
        }
        if (tokenOrNull != null) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, tokenOrNull);
        }
        ctx.writeAndFlush(request);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (course.ended() != null) {
                return;
            }
            if (message instanceof HttpResponse response) {
                if (!response.status().equals(HttpResponseStatus.OK)) {
                    course.end("answers " + response.status());
                    ctx.close();
                    return;
                }
                course.opened();
            }
            if (message instanceof HttpContent content) {
                lines.read(content.content(), System.nanoTime());
                if (message instanceof LastHttpContent) {
                    course.end("the body ended");
                    ctx.close();
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
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
    public Course course() {
        return course;
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
}
