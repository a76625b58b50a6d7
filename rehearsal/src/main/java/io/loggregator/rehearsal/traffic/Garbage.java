package io.loggregator.rehearsal.traffic;

import io.loggregator.benchmarks.load.Transport;
import io.loggregator.benchmarks.process.Server;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Peers that speak no protocol: each sends random bytes, in the clear or inside TLS, and connects again when it was thrown
 * out or got no answer for a while.
 */
public final class Garbage implements AutoCloseable {
    private static final int MOST_BYTES = 20_000;
    private static final int PATIENCE_MILLIS = 300;
    private static final int PAUSE_MILLIS = 10;

    private final EventLoopGroup group = Transport.loop();
    private final EventLoop loop = group.next();
    /** The same bytes in every run. */
    private final Random random = new Random(1);

    private final AtomicInteger connections = new AtomicInteger();
    private boolean closed;

    /** Two peers more, one in the clear and one inside TLS; they end with {@link #close}. */
    public void to(int port, SslContext tls) {
        loop.execute(() -> connect(port, null));
        loop.execute(() -> connect(port, tls));
    }

    /** The same for ports of a server, as {@link Server#port} has them. */
    public void to(Server server, SslContext tls, String... ports) throws IOException, InterruptedException {
        for (String port : ports) {
            to(server.port(port), tls);
        }
    }

    /** How many connections were made so far. */
    public int connections() {
        return connections.get();
    }

    private void connect(int port, SslContext tlsOrNull) {
        if (closed) {
            return;
        }
        new Bootstrap()
                .group(loop)
                .channel(Transport.client())
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tlsOrNull != null) {
                            channel.pipeline().addLast(tlsOrNull.newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(new Peer(tlsOrNull != null));
                    }
                })
                .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .channel()
                .closeFuture()
                .addListener(
                        gone -> loop.schedule(() -> connect(port, tlsOrNull), PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    }

    private final class Peer extends ChannelInboundHandlerAdapter {
        private final boolean tls;

        Peer(boolean tls) {
            this.tls = tls;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            connections.incrementAndGet();
            ctx.executor().schedule(() -> ctx.close(), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            if (!tls) {
                speak(ctx);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent done && done.isSuccess()) {
                speak(ctx);
            }
        }

        private void speak(ChannelHandlerContext ctx) {
            byte[] bytes = new byte[1 + random.nextInt(MOST_BYTES)];
            random.nextBytes(bytes);
            ctx.writeAndFlush(Unpooled.wrappedBuffer(bytes));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrownOut) {
            ctx.close();
        }
    }

    @Override
    public void close() {
        loop.submit(() -> closed = true).awaitUninterruptibly();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
