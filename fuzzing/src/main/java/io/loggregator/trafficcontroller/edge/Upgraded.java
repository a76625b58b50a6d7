package io.loggregator.trafficcontroller.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.QueryParamDecoderConfig;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.impl.http1.Http1ServerConnection;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.http.impl.http1.VertxHttpResponseEncoder;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.impl.VertxHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A connection of the Loggregator port without a socket, that has become a WebSocket. Everything happens where it is called. */
public final class Upgraded implements AutoCloseable {
    private static final VertxInternal VERTX = (VertxInternal) Vertx.vertx();
    private static final HttpServerConfig CONFIG = new HttpServerConfig(new HttpServerOptions()
            .setMaxWebSocketFrameSize(Limits.LOGGREGATOR.sizes().message())
            .setMaxWebSocketMessageSize(Limits.LOGGREGATOR.sizes().message())
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setWebSocketClosingTimeout((int) Limits.CLOSING.toSeconds()));
    private static final byte[] REQUEST = String.join(
                    "\r\n",
                    "GET /firehose/nozzle HTTP/1.1",
                    "Host: x",
                    "Connection: Upgrade",
                    "Upgrade: websocket",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                    "",
                    "")
            .getBytes(StandardCharsets.US_ASCII);

    private final Allocated memory = new Allocated();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    /** @param opened given the WebSocket before anything can come over it */
    public Upgraded(Consumer<ServerWebSocket> opened) {
        channel.config().setAllocator(memory);
        ContextInternal context =
                VERTX.contextBuilder().withEventLoop(channel.eventLoop()).build();
        VertxHandler<Http1ServerConnection> handler = VertxHandler.create(ctx -> new Http1ServerConnection(
                ThreadingModel.EVENT_LOOP,
                () -> context,
                false,
                true,
                null,
                null,
                0,
                0,
                0,
                new QueryParamDecoderConfig(),
                CONFIG.getHttp1Config(),
                false,
                CONFIG.getWebSocketConfig(),
                ctx,
                context,
                "http://x",
                null,
                null,
                null));
        channel.pipeline()
                .addLast("httpDecoder", new VertxHttpRequestDecoder(CONFIG.getHttp1Config()))
                .addLast("httpEncoder", new VertxHttpResponseEncoder())
                .addLast("handler", handler);
        handler.getConnection()
                .handler(request -> request.toWebSocket().onComplete(opened::accept, failure -> {
                    throw new AssertionError(failure);
                }));
        bring(REQUEST, 0, REQUEST.length);
        sent();
    }

    /** Bytes come from the client, and the turn of the event loop ends. */
    public void bring(byte[] bytes, int from, int to) {
        channel.writeInbound(memory.buffer(to - from).writeBytes(bytes, from, to - from));
        channel.runPendingTasks();
    }

    /** Whether the connection is there. */
    public boolean isOpen() {
        return channel.isOpen();
    }

    /** What has gone to the client since this was last asked. */
    public byte[] sent() {
        ByteBuf all = memory.buffer();
        for (ByteBuf some = channel.readOutbound(); some != null; some = channel.readOutbound()) {
            all.writeBytes(some);
            some.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes).release();
        return bytes;
    }

    /** Runs an action after what is being done. */
    public void later(Runnable action) {
        channel.eventLoop().execute(action);
    }

    /** So much time goes by. */
    public void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /** The client goes. */
    @Override
    public void close() {
        // From the first on: Vert.x would say goodbye, and wait for an answer.
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
        channel.runPendingTasks();
        channel.finishAndReleaseAll();
    }

    /** Buffers that nobody has released. */
    public long held() {
        return memory.held();
    }
}
