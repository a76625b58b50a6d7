package io.loggregator.node.grpc;

import io.loggregator.node.tls.RefusedHandshakes;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Sees how the TLS handshake of a connection ends, which gRPC does not tell, and when HTTP/2 begins. Sits in the pipeline until
 * gRPC has put TLS there.
 */
final class HandshakeObserver extends ChannelInboundHandlerAdapter {
    private final String port;
    private final RefusedHandshakes handshakes;
    private final long patienceNanos;
    private final Consumer<Channel> http2;
    private final long began = System.nanoTime();

    private HandshakeObserver(String port, RefusedHandshakes handshakes, Duration patience, Consumer<Channel> http2) {
        this.port = port;
        this.handshakes = handshakes;
        this.patienceNanos = patience.toNanos();
        this.http2 = http2;
    }

    /**
     * Has all connections of a listener observed. Returns the listener.
     *
     * @param port what metrics and log lines call it
     * @param patience after which gRPC cuts a connection whose handshake is not done
     * @param http2 told of each connection with HTTP/2 in its pipeline, before anything is read from it
     */
    static ServerChannel on(
            ServerChannel listener,
            String port,
            RefusedHandshakes handshakes,
            Duration patience,
            Consumer<Channel> http2) {
        listener.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object accepted) {
                ((Channel) accepted).pipeline().addLast(new HandshakeObserver(port, handshakes, patience, http2));
                ctx.fireChannelRead(accepted);
            }
        });
        return listener;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls == null) {
            http2.accept(ctx.channel());
        } else {
            ctx.pipeline().addAfter(ctx.pipeline().context(tls).name(), null, new ProtocolObserver());
            SocketAddress peer = ctx.channel().remoteAddress();
            tls.handshakeFuture().addListener(handshake -> {
                if (!isGood(handshake, peer, tls)) {
                    ctx.channel().close();
                }
            });
        }
        ctx.pipeline().remove(this);
    }

    private boolean isGood(Future<?> handshake, SocketAddress peer, SslHandler tls) {
        if (handshake.isSuccess()) {
            if (tls.applicationProtocol() != null) {
                return !handshakes.hasExpired(port, peer, tls.engine().getSession());
            }
            handshakes.withoutProtocol(port, peer);
        } else if (System.nanoTime() - began >= patienceNanos) {
            handshakes.tooSlow(port, peer);
        } else {
            handshakes.refused(port, peer, handshake.cause());
        }
        return false;
    }

    /** Behind TLS, which tells gRPC of the handshake before it passes on what was read. */
    private final class ProtocolObserver extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ctx.fireUserEventTriggered(event);
            if (event instanceof SslHandshakeCompletionEvent) {
                http2.accept(ctx.channel());
                ctx.pipeline().remove(this);
            }
        }
    }
}
