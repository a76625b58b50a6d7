package io.loggregator.doppler.dropsonde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class KernelDropsTest {
    @Test
    void everyDatagramThatFindsTheBufferFullIsCountedOnce() throws Exception {
        assumeThat(Epoll.isAvailable()).isTrue();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (DatagramSocket sender = new DatagramSocket()) {
            Channel socket = new Bootstrap()
                    .group(group)
                    .channel(EpollDatagramChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.SO_RCVBUF, 4_096)
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            KernelDrops drops = new KernelDrops(socket);
            assertThat(drops.look()).isZero();

            send(sender, socket, 100);
            long first = drops.look();
            send(sender, socket, 100);

            assertThat(first).isBetween(1L, 99L);
            assertThat(drops.look()).isEqualTo(100);
            assertThat(drops.look()).isZero();
            assertThat(drops.count()).isEqualTo(first + 100);
        } finally {
            group.shutdownGracefully().sync();
        }
    }

    /** What fits, if anything, fits with the first. */
    private static void send(DatagramSocket sender, Channel socket, int count) throws Exception {
        InetSocketAddress address = (InetSocketAddress) socket.localAddress();
        for (int i = 0; i < count; i++) {
            sender.send(new DatagramPacket(new byte[1_000], 1_000, address));
        }
    }
}
