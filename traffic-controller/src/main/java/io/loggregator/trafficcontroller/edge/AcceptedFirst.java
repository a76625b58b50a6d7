package io.loggregator.trafficcontroller.edge;

import io.loggregator.node.accept.DelegatingTransport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.CleanableHttpServer;
import io.vertx.core.http.impl.tcp.TcpHttpServer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.util.function.Supplier;

/**
 * Makes HTTP servers whose connections begin with a handler of ours, before TLS. Vert.x has no such place; its own
 * support of the PROXY protocol is for all connections or none, whoever makes them. Like {@link Channels} this knows
 * Vert.x from inside: a server binds its port by the transport of its Vert.x, so it is given a Vert.x that is the real
 * one but for the transport, which is the real one but for what it adds to the listener.
 */
final class AcceptedFirst {
    private AcceptedFirst() {}

    /** A server that puts what {@code first} makes before everything else into each new connection. */
    static HttpServer server(Vertx vertx, HttpServerOptions options, Supplier<ChannelHandler> first) {
        VertxInternal real = (VertxInternal) vertx;
        Transport transport = new AddingTransport(real.transport(), new Adder(first));
        VertxInternal adding = new VertxWrapper(real) {
            @Override
            public Transport transport() {
                return transport;
            }
        };
        return new CleanableHttpServer(
                real,
                new TcpHttpServer(
                        adding,
                        new HttpServerConfig(options),
                        options.isSsl() ? options.getSslOptions() : null,
                        options.getSslEngineOptions(),
                        null,
                        options.isRegisterWebSocketWriteHandlers()));
    }

    /** In the listener's pipeline, before Netty's acceptor, which adds what Vert.x puts into the connection. */
    @Sharable
    private static final class Adder extends ChannelInboundHandlerAdapter {
        private final Supplier<ChannelHandler> first;

        Adder(Supplier<ChannelHandler> first) {
            this.first = first;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object connection) {
            ((Channel) connection).pipeline().addLast(first.get());
            ctx.fireChannelRead(connection);
        }
    }

    private static final class AddingTransport extends DelegatingTransport {
        private final ChannelHandler ofListener;

        AddingTransport(Transport real, ChannelHandler ofListener) {
            super(real);
            this.ofListener = ofListener;
        }

        @Override
        public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
            super.configure(config, domainSocket, bootstrap);
            bootstrap.handler(ofListener);
        }
    }
}
