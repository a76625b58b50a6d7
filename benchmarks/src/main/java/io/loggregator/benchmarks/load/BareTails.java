package io.loggregator.benchmarks.load;

import io.loggregator.node.tls.InvalidTlsMaterial;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A server that writes prepared frames to WebSockets over TLS, one after the other, and does nothing else: the least that
 * lines of many apps, each followed by a client of its own, can cost whoever hands them out. Every line is a frame, a TLS
 * record and a write, as none can wait for the next of its app; turns bring as many as batches bring Traffic Controllers.
 */
public final class BareTails {
    /** WebSocket frame of a v1 log with a payload of 115 bytes and five tags: a head of four bytes, and the envelope. */
    private static final int FRAME_BYTES = 277;

    private static final int BINARY = 0x82;
    private static final int TWO_BYTES_OF_LENGTH = 126;
    private static final long SHUFFLE = 1;

    private static final ByteBuf HEAD_END = Unpooled.unreleasableBuffer(
            Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII).asReadOnly());
    /** The benchmark's clients do not look at the key. */
    private static final String ACCEPTED =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

    private final EventLoop loop;
    private final SslContext tls;
    private final int clients;
    private final int batch;
    private final int rate;
    private final List<Channel> open = new ArrayList<>();
    private final byte[] frame = frame();
    private int next;

    private BareTails(EventLoop loop, SslContext tls, int clients, int batch, int rate) {
        this.loop = loop;
        this.tls = tls;
        this.clients = clients;
        this.batch = batch;
        this.rate = rate;
    }

    /** How it is started, after its class. */
    public static List<String> arguments(Keys keys, int clients, int batch, int rate) {
        List<String> arguments = new ArrayList<>(keys.arguments());
        arguments.addAll(List.of(Integer.toString(clients), Integer.toString(batch), Integer.toString(rate)));
        return arguments;
    }

    /**
     * Arguments: as {@link #arguments} has them. Says {@code ws bound to: ADDRESS:PORT}, waits for so many clients, and writes
     * them lines until it is ended.
     */
    public static void main(String[] arguments) throws IOException, InvalidTlsMaterial, InterruptedException {
        EventLoopGroup group = Transport.loop();
        BareTails tails = new BareTails(
                group.next(),
                Keys.parse(arguments).server(),
                Integer.parseInt(arguments[Keys.ARGUMENTS]),
                Integer.parseInt(arguments[Keys.ARGUMENTS + 1]),
                Integer.parseInt(arguments[Keys.ARGUMENTS + 2]));
        Channel port = tails.bind();
        System.out.println("ws bound to: 127.0.0.1:" + ((InetSocketAddress) port.localAddress()).getPort());
        port.closeFuture().await();
    }

    private static byte[] frame() {
        byte[] frame = new byte[FRAME_BYTES];
        new Random(SHUFFLE).nextBytes(frame);
        frame[0] = (byte) BINARY;
        frame[1] = TWO_BYTES_OF_LENGTH;
        int length = FRAME_BYTES - 4;
        frame[2] = (byte) (length >> 8);
        frame[3] = (byte) length;
        return frame;
    }

    private Channel bind() throws InterruptedException {
        return new ServerBootstrap()
                .group(loop)
                .channel(Transport.server())
                .option(ChannelOption.SO_BACKLOG, clients)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Handshake());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /** Takes a request, whatever it is, and nothing that comes afterwards. */
    private final class Handshake extends SimpleChannelInboundHandler<ByteBuf> {
        private boolean accepted;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf request) {
            if (!accepted && ByteBufUtil.indexOf(HEAD_END, request) >= 0) {
                accepted = true;
                ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), ACCEPTED), ctx.voidPromise());
                open.add(ctx.channel());
                beginWhenAllAreThere();
            }
        }
    }

    private void beginWhenAllAreThere() {
        if (open.size() == clients) {
            // Batches have their lines in mixed order, too.
            Collections.shuffle(open, new Random(SHUFFLE));
            long period = TimeUnit.SECONDS.toNanos(1) * batch / rate;
            loop.scheduleAtFixedRate(this::turn, period, period, TimeUnit.NANOSECONDS);
        }
    }

    private void turn() {
        for (int i = 0; i < batch; i++) {
            Channel channel = open.get(next);
            next = (next + 1) % clients;
            ByteBuf line = channel.alloc().directBuffer(FRAME_BYTES).writeBytes(frame);
            channel.writeAndFlush(line, channel.voidPromise());
        }
    }
}
