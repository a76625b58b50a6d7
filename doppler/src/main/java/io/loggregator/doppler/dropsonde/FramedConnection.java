package io.loggregator.doppler.dropsonde;

import io.loggregator.doppler.ingress.Lull;
import io.loggregator.doppler.lane.V1Intake;
import io.loggregator.node.RateLimitedLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.IdleStateEvent;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One connection that brings frames. Everything but {@link #end} on its event loop. */
final class FramedConnection extends ChannelInboundHandlerAdapter {
    private final FramedListener listener;
    private final V1Intake intake;
    private final byte[] scratch;
    private final RateLimitedLog log;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private Frames frames;
    private ChannelHandlerContext context;
    private long received;
    private boolean closing;

    /**
     * @param intake of the lane that the connection's event loop belongs to
     * @param scratch room for a frame, shared by the connections of that loop
     */
    FramedConnection(FramedListener listener, V1Intake intake, byte[] scratch, RateLimitedLog log) {
        this.listener = listener;
        this.intake = intake;
        this.scratch = scratch;
        this.log = log;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        frames = new Frames(
                FramedOptions.LARGEST_FRAME,
                listener.partialFrames(),
                () -> ctx.executor().execute(this::cutForRoom),
                this::take);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            received += in.readableBytes();
            long read = closing ? Frames.GOES_ON : frames.read(in, scratch);
            if (read == Frames.NO_ROOM) {
                cutForRoom();
            } else if (read != Frames.GOES_ON) {
                cut("frame_too_long");
                log.warn(
                        "{} from {}: a frame of {} bytes, at most {} are taken: closed",
                        listener.protocol(),
                        ctx.channel().remoteAddress(),
                        read,
                        FramedOptions.LARGEST_FRAME);
            }
        } finally {
            in.release();
        }
    }

    private void take(byte[] frame, int length) {
        V1Intake.Outcome outcome = intake.accept(frame, 0, length);
        if (outcome != V1Intake.Outcome.TAKEN) {
            log.warn(
                    "Received bad envelope: {}, {} bytes by {} from {}",
                    outcome.words(),
                    length,
                    listener.protocol(),
                    context.channel().remoteAddress());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        intake.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            cut("idle");
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException && received == 0) {
            // A handshake that failed, told by whom it concerns.
            closing = true;
            ctx.close();
            return;
        }
        log.warn("{} from {}: {}", listener.protocol(), ctx.channel().remoteAddress(), cause.toString());
        cut("broken");
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        intake.flush();
        if (!closing && !frames.between()) {
            cut("ended_in_frame");
        }
        frames.release();
        listener.closed(this);
        ended.complete(null);
    }

    private void cutForRoom() {
        if (!closing) {
            cut("no_room");
            frames.release();
            log.warn(
                    "{} from {}: frames that have come in part take more than {} bytes (DOPPLER_FRAME_PARTIAL_BYTES), and this"
                            + " one's has been incomplete for longest: closed",
                    listener.protocol(),
                    context.channel().remoteAddress(),
                    listener.partialFrames().budget());
        }
    }

    private void cut(String reason) {
        if (!closing) {
            closing = true;
            listener.cut(reason);
            context.close();
        }
    }

    /** Closes in a lull, or when there is none within the patience; from any thread. */
    CompletableFuture<Void> end(Duration patience) {
        context.executor().execute(() -> await(new Lull(patience, received, System.nanoTime())));
        return ended;
    }

    private void await(Lull lull) {
        context.executor().schedule(() -> ask(lull), Lull.CHECK.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask(Lull lull) {
        if (ended.isDone() || closing) {
            return;
        }
        switch (lull.ask(received, System.nanoTime())) {
            case WAIT -> await(lull);
            case SILENT -> {
                closing = true;
                context.close();
            }
            case OVER -> cut("stopped");
        }
    }
}
