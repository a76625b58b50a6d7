package io.loggregator.benchmarks.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Sends datagrams at a rate from several sockets, on one event loop. */
public final class DatagramLoad implements AutoCloseable {
    private static final long TICK_MICROS = 1_000;
    /** What was not sent in time is made up for so much at once. */
    private static final int MOST_A_TICK = 2_000;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final List<Channel> sockets = new ArrayList<>();
    private final List<ByteBuf> datagrams = new ArrayList<>();

    /** @param sources how many sources the logs are of, spread over the sockets */
    public DatagramLoad(int port, int socketCount, int sources, String secret) throws InterruptedException {
        for (int i = 0; i < sources; i++) {
            datagrams.add(Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer().writeBytes(Datagram.of(i, secret).bytes())));
        }
        for (int i = 0; i < socketCount; i++) {
            sockets.add(new Bootstrap()
                    .group(group)
                    .channel(EpollDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(InetAddress.getLoopbackAddress(), port)
                    .sync()
                    .channel());
        }
    }

    /** The bytes of one datagram. */
    public int datagramBytes() {
        return datagrams.get(0).readableBytes();
    }

    /** Sends for a while; returns how many were sent. */
    public long send(int rate, long seconds) throws InterruptedException {
        Sending sending = new Sending(rate, rate * seconds);
        ScheduledFuture<?> ticks =
                group.next().scheduleAtFixedRate(sending::tick, 0, TICK_MICROS, TimeUnit.MICROSECONDS);
        sending.done.await();
        ticks.cancel(false);
        return sending.sent;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** On the event loop. */
    private final class Sending {
        private final int rate;
        private final long total;
        private final long start = System.nanoTime();
        private final CountDownLatch done = new CountDownLatch(1);
        private long sent;

        Sending(int rate, long total) {
            this.rate = rate;
            this.total = total;
        }

        private void tick() {
            long due = Math.min(total, (System.nanoTime() - start) / 1_000 * rate / 1_000_000);
            long until = Math.min(due, sent + MOST_A_TICK);
            while (sent < until) {
                int number = (int) (sent % datagrams.size());
                Channel socket = sockets.get(number % sockets.size());
                socket.write(datagrams.get(number).duplicate(), socket.voidPromise());
                sent++;
            }
            sockets.forEach(Channel::flush);
            if (sent == total) {
                done.countDown();
            }
        }
    }
}
