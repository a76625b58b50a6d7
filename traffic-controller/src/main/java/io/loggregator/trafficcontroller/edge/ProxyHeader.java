package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.RateLimitedLog;
import io.loggregator.node.accept.PerClient;
import io.loggregator.node.settings.Network;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Comes first in a new connection and reads the header of the PROXY protocol, if there is one and it may be believed;
 * then it leaves. The bytes behind the header are for TLS and HTTP, which see a connection of the client that the header
 * names. A header without an address (health checks of the proxy itself: {@code LOCAL}, {@code UNKNOWN}) leaves the
 * connection what it is.
 */
final class ProxyHeader extends ByteToMessageDecoder {
    private static final byte[] VERSION_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSION_2 = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    private static final Logger LOG = LoggerFactory.getLogger(EdgeVerticle.class);
    private static final Duration LOG_PAUSE = Duration.ofSeconds(10);
    private static final String NAME = "edgeProxyHeader";

    private final TrustedProxies proxies;
    private final boolean required;
    private final Limits limits;
    private final PerClient connections;
    private final Consumer<Refusal> refused;
    private final RateLimitedLog log;
    private ScheduledFuture<?> deadline;
    private boolean someBytes;
    private boolean refusing;

    private ProxyHeader(
            Front front, Limits limits, PerClient connections, Consumer<Refusal> refused, RateLimitedLog log) {
        this.proxies = front.proxies();
        this.required = front.proxyProtocol() == ProxyProtocol.REQUIRE;
        this.limits = limits;
        this.connections = connections;
        this.refused = refused;
        this.log = log;
    }

    /**
     * Makes one for each connection, whatever event loop that is on.
     *
     * @param connections of each client that a header names
     * @param refused told why a connection was cut, on any event loop: the label of a {@link Refusal}
     */
    static Supplier<ChannelHandler> handlers(
            Front front, Limits limits, PerClient connections, Consumer<String> refused) {
        RateLimitedLog log = new RateLimitedLog(LOG, LOG_PAUSE);
        return () -> new ProxyHeader(front, limits, connections, reason -> refused.accept(reason.label()), log);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        if (required && !proxies.trusts(ctx.channel().remoteAddress())) {
            refuse(ctx, Refusal.UNTRUSTED_PROXY);
            return;
        }
        long patience = limits.times().proxyHeader().toMillis();
        deadline = ctx.executor().schedule(() -> expire(ctx), patience, TimeUnit.MILLISECONDS);
        super.channelActive(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        someBytes = true;
        if (refusing) {
            in.skipBytes(in.readableBytes());
            return;
        }
        int size = Math.min(in.readableBytes(), VERSION_2.length);
        boolean whole = (begins(in, VERSION_1, size) && size >= VERSION_1.length)
                || (begins(in, VERSION_2, size) && size == VERSION_2.length);
        if (whole && proxies.trusts(ctx.channel().remoteAddress())) {
            ctx.pipeline()
                    .addAfter(
                            ctx.name(),
                            NAME + "Decoder",
                            new HAProxyMessageDecoder(limits.sizes().proxyHeader()));
            ctx.pipeline().addAfter(NAME + "Decoder", NAME + "Receiver", new Receiver());
            ctx.pipeline().remove(this);
        } else if (whole) {
            refuse(ctx, Refusal.UNTRUSTED_PROXY);
        } else if (!begins(in, VERSION_1, size) && !begins(in, VERSION_2, size)) {
            if (required) {
                refuse(ctx, Refusal.PROXY_HEADER);
            } else {
                stopWaiting();
                ctx.pipeline().remove(this);
            }
        }
    }

    private static boolean begins(ByteBuf in, byte[] signature, int size) {
        for (int i = 0; i < Math.min(size, signature.length); i++) {
            if (in.getByte(in.readerIndex() + i) != signature[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        stopWaiting();
        super.channelInactive(ctx);
    }

    /** The same for each way to write an address. */
    private static String plain(String address) {
        return Network.address(address).map(NetUtil::toAddressString).orElse(address);
    }

    private void stopWaiting() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    private void expire(ChannelHandlerContext ctx) {
        if (someBytes) {
            refuse(ctx, Refusal.PROXY_HEADER);
        } else {
            var unused = ctx.channel().close();
        }
    }

    private void refuse(ChannelHandlerContext ctx, Refusal reason) {
        stopWaiting();
        if (!refusing) {
            refusing = true;
            refused.accept(reason);
            log.warn("cut a connection of {}: {}", ctx.channel().remoteAddress(), reason.label());
            var unused = ctx.channel().close();
        }
    }

    /** Stands behind the decoder of the header, which takes itself out. */
    private final class Receiver extends SimpleChannelInboundHandler<HAProxyMessage> {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            if (refusing) {
                // What came behind the header in the same bytes.
                ReferenceCountUtil.release(message);
            } else {
                super.channelRead(ctx, message);
            }
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, HAProxyMessage header) {
            if (header.proxiedProtocol().transportProtocol() == TransportProtocol.DGRAM) {
                refuse(ctx, Refusal.PROXY_HEADER);
                return;
            }
            stopWaiting();
            switch (header.proxiedProtocol()) {
                case TCP4, TCP6 -> {
                    if (!Channels.countIn(ctx.channel(), connections, plain(header.sourceAddress()))) {
                        refuse(ctx, Refusal.TOO_MANY_CONNECTIONS_OF_CLIENT);
                        return;
                    }
                    Channels.proxied(
                            ctx.channel(),
                            SocketAddress.inetSocketAddress(header.sourcePort(), header.sourceAddress()));
                }
                default -> {}
            }
            ctx.pipeline().remove(this);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            stopWaiting();
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            refuse(ctx, Refusal.PROXY_HEADER);
        }
    }
}
