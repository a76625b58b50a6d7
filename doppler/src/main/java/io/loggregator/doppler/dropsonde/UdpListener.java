package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.grpc.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.UnixChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The UDP port: one v1 envelope in each datagram. With native sockets every lane has one of its own, among which the
 * kernel spreads the senders, each sender to one; otherwise the first lane has the only one.
 */
public final class UdpListener {
    private final List<UdpSocket> sockets = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();

    private UdpListener() {}

    /**
     * Binds and receives. Blocks; not to be called on an event loop.
     *
     * @param lanes those of the loops, in their order
     * @throws IOException the port cannot be bound
     */
    public static UdpListener start(UdpOptions options, Loops loops, List<DopplerLane> lanes, ListenerMetrics metrics)
            throws IOException {
        UdpListener listener = new UdpListener();
        UdpLog log = new UdpLog(options);
        try {
            listener.bind(options, loops, lanes, log);
        } catch (IOException e) {
            listener.channels.forEach(Channel::close);
            throw e;
        }
        log.granted(listener.channels.get(0));
        metrics.udp(List.copyOf(listener.sockets));
        return listener;
    }

    private void bind(UdpOptions options, Loops loops, List<DopplerLane> lanes, UdpLog log) throws IOException {
        List<EventLoop> all = loops.all();
        InetSocketAddress address = options.address();
        if (lanes.size() > 1 && address.getPort() != 0) {
            // Sockets that share a port would share it with another process, too.
            open(loops, all.get(0), new ChannelInboundHandlerAdapter(), address)
                    .close()
                    .syncUninterruptibly();
        }
        for (DopplerLane lane : lanes) {
            Signatures signatures = options.secret() == null ? null : new Signatures(options.secret());
            UdpSocket socket = new UdpSocket(new V1Intake(lane), signatures, log);
            Channel channel = open(loops, all.get(lane.index()), initializer(socket, options.receiveBuffer()), address);
            channels.add(channel);
            sockets.add(socket);
            if (!(channel instanceof EpollDatagramChannel)) {
                return;
            }
            address = (InetSocketAddress) channel.localAddress();
        }
    }

    private static Channel open(Loops loops, EventLoop loop, ChannelHandler handler, InetSocketAddress address)
            throws IOException {
        ChannelFuture bound = new Bootstrap()
                .group(loop)
                .channelFactory(loops.datagramChannels())
                .handler(handler)
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(bound.cause().getMessage(), bound.cause());
        }
        return bound.channel();
    }

    private static ChannelHandler initializer(UdpSocket socket, int receiveBuffer) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.config().setOption(ChannelOption.SO_RCVBUF, receiveBuffer);
                if (channel instanceof EpollDatagramChannel) {
                    DatagramBuffer buffer = new DatagramBuffer();
                    channel.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
                    channel.config()
                            .setOption(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, DatagramBuffer.DATAGRAM_BYTES);
                    channel.config().setRecvByteBufAllocator(buffer);
                    socket.isNative(buffer, new KernelDrops(channel));
                } else {
                    channel.config()
                            .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(DatagramBuffer.DATAGRAM_BYTES));
                }
                channel.pipeline().addLast(socket);
            }
        };
    }

    /** The port that was bound. */
    public int port() {
        return ((InetSocketAddress) channels.get(0).localAddress()).getPort();
    }

    /** Reads what waits in the sockets, within a limit, and closes them; from any thread. */
    public CompletableFuture<Void> stop(Duration limit) {
        long latest = System.nanoTime() + limit.toNanos();
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (int i = 0; i < channels.size(); i++) {
            closing.add(sockets.get(i).closeWhenEmpty(channels.get(i), latest));
        }
        return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new));
    }
}
