package io.loggregator.trafficcontroller.edge;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.Vertx;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerConfig;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.CleanableHttpServer;
import io.vertx.core.http.impl.tcp.TcpHttpServer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.util.concurrent.ThreadFactory;
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

    private record AddingTransport(Transport real, ChannelHandler ofListener) implements Transport {
        @Override
        public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
            real.configure(config, domainSocket, bootstrap);
            bootstrap.handler(ofListener);
        }

        @Override
        public boolean supportsDomainSockets() {
            return real.supportsDomainSockets();
        }

        @Override
        public boolean supportFileRegion() {
            return real.supportFileRegion();
        }

        @Override
        public boolean isAvailable() {
            return real.isAvailable();
        }

        @Override
        public Throwable unavailabilityCause() {
            return real.unavailabilityCause();
        }

        @Override
        public java.net.SocketAddress convert(SocketAddress address) {
            return real.convert(address);
        }

        @Override
        public SocketAddress convert(java.net.SocketAddress address) {
            return real.convert(address);
        }

        @Override
        public IoHandlerFactory ioHandlerFactory() {
            return real.ioHandlerFactory();
        }

        @Override
        public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
            return real.eventLoopGroup(type, threads, factory, ioRatio);
        }

        @Override
        public DatagramChannel datagramChannel(InternetProtocolFamily family) {
            return real.datagramChannel(family);
        }

        @Override
        public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
            return real.datagramChannelFactory();
        }

        @Override
        public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
            return real.channelFactory(domainSocket);
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return real.serverChannelFactory(domainSocket);
        }

        @Override
        public void configure(DatagramChannel channel, DatagramSocketOptions options) {
            real.configure(channel, options);
        }

        @Override
        public void configure(TcpConfig config, boolean domainSocket, Bootstrap bootstrap) {
            real.configure(config, domainSocket, bootstrap);
        }
    }
}
