package io.loggregator.benchmarks.load;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The sockets of generator and readers: native ones where there are any, as the servers have them. The generator is the
 * yardstick of the servers' costs, so it must not be dear.
 */
public final class Transport {
    private Transport() {}

    /** A new event loop, one thread. */
    public static EventLoopGroup loop() {
        return new MultiThreadIoEventLoopGroup(
                1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** The class of a connection. */
    public static Class<? extends Channel> client() {
        return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    /**
     * A connection to the ingress of a Doppler on this machine; made when it is first used.
     *
     * @param serverName that its certificate must have
     * @param loop with one thread
     */
    public static ManagedChannel channel(int port, SslContext tls, String serverName, EventLoopGroup loop) {
        return channel(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), tls, serverName, loop);
    }

    /** The same to a Doppler anywhere. */
    public static ManagedChannel channel(
            InetSocketAddress address, SslContext tls, String serverName, EventLoopGroup loop) {
        return NettyChannelBuilder.forAddress(address)
                .sslContext(tls)
                .overrideAuthority(serverName)
                .eventLoopGroup(loop)
                .channelType(client())
                .directExecutor()
                .build();
    }

    /**
     * Has connections end when the other machine has not answered for 8 s, as clients of Go do, only sooner: one that reads
     * and sends nothing would never find out that it has vanished.
     */
    public static void noticeSilence(Bootstrap client) {
        noticeSilence((Options) client::option);
    }

    /** The same of a connection of gRPC. */
    public static void noticeSilence(NettyChannelBuilder client) {
        noticeSilence((Options) client::withOption);
    }

    @FunctionalInterface
    private interface Options {
        <T> void set(ChannelOption<T> option, T value);
    }

    private static void noticeSilence(Options options) {
        options.set(ChannelOption.SO_KEEPALIVE, true);
        if (Epoll.isAvailable()) {
            options.set(EpollChannelOption.TCP_KEEPIDLE, 3);
            options.set(EpollChannelOption.TCP_KEEPINTVL, 1);
            options.set(EpollChannelOption.TCP_USER_TIMEOUT, 8_000);
        }
    }

    /** The class of what listens. */
    public static Class<? extends ServerChannel> server() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }
}
