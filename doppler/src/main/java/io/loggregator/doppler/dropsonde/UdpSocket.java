package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.lane.V1Intake;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One socket of the UDP port, with what its datagrams become. Everything on its event loop. */
final class UdpSocket extends ChannelInboundHandlerAdapter {
    private static final long LOOK_MILLIS = 1_000;
    private static final long EMPTY_MILLIS = 5;

    private final V1Intake intake;
    private final Signatures signatures;
    private final UdpLog log;
    private final byte[] datagram = new byte[DatagramBuffer.DATAGRAM_BYTES];
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private KernelDrops drops;
    private DatagramBuffer buffer;
    private ScheduledFuture<?> looking;
    /** Turns of the event loop that brought datagrams. */
    private long turns;

    private int inThisTurn;
    private boolean emptied;

    /**
     * @param intake of the lane that the socket's event loop belongs to
     * @param signatures null if datagrams are not signed
     */
    UdpSocket(V1Intake intake, Signatures signatures, UdpLog log) {
        this.intake = intake;
        this.signatures = signatures;
        this.log = log;
    }

    /** For a native socket: where it receives, and what the kernel tells of it. Before it is bound. */
    void isNative(DatagramBuffer receivesInto, KernelDrops kernel) {
        buffer = receivesInto;
        drops = kernel;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (drops != null) {
            looking = ctx.executor()
                    .scheduleAtFixedRate(() -> look(ctx.channel()), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        ctx.fireChannelActive();
    }

    private void look(Channel channel) {
        long more = drops.look();
        if (more > 0) {
            log.dropped(channel, more);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            ByteBuf content = packet.content();
            int length = content.readableBytes();
            content.readBytes(datagram, 0, length);
            inThisTurn++;
            take(length, packet.sender());
        } finally {
            packet.release();
        }
    }

    private void take(int length, InetSocketAddress sender) {
        int from = 0;
        if (signatures != null) {
            Signatures.Verdict verdict = signatures.judge(datagram, length);
            if (verdict != Signatures.Verdict.VALID) {
                intake.refuse(length);
                log.unsigned(verdict, length, sender);
                return;
            }
            from = Signatures.LENGTH;
        }
        V1Intake.Outcome outcome = intake.accept(datagram, from, length);
        if (outcome != V1Intake.Outcome.TAKEN) {
            log.badEnvelope(outcome, length - from, sender);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        intake.flush();
        turns++;
        emptied = inThisTurn < DatagramBuffer.DATAGRAMS_A_TURN;
        inThisTurn = 0;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Such as an ICMP message about something we never sent; the socket lives on.
        log.failed(ctx.channel(), cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        intake.flush();
        if (looking != null) {
            looking.cancel(false);
        }
        if (buffer != null) {
            buffer.release();
            buffer = null;
        }
        closed.complete(null);
    }

    /** Closes the socket when what waited in it has been read, or at the latest at that time; from any thread. */
    CompletableFuture<Void> closeWhenEmpty(Channel channel, long latestNanos) {
        channel.eventLoop().execute(() -> checkAgain(channel, latestNanos));
        return closed;
    }

    private void checkAgain(Channel channel, long latestNanos) {
        long seen = turns;
        channel.eventLoop()
                .schedule(
                        () -> {
                            // The loop reads before it runs tasks: no turn since then means that nothing waits.
                            if (turns == seen || emptied || System.nanoTime() - latestNanos >= 0) {
                                if (drops != null) {
                                    look(channel);
                                }
                                channel.close();
                            } else {
                                checkAgain(channel, latestNanos);
                            }
                        },
                        EMPTY_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    V1Intake intake() {
        return intake;
    }

    /** Null if datagrams are not signed. */
    Signatures signatures() {
        return signatures;
    }

    /** Null if nobody tells. */
    KernelDrops drops() {
        return drops;
    }
}
