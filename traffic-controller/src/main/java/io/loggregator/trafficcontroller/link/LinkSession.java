package io.loggregator.trafficcontroller.link;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Confirm;
import io.loggregator.link.v1.Confirmed;
import io.loggregator.link.v1.Envelopes;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.link.v1.Welcome;
import io.loggregator.stream.SteadyClock;
import io.loggregator.trafficcontroller.upstream.DopplerListener;
import io.loggregator.trafficcontroller.upstream.DopplerSession;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to one run of one Doppler. Sequence numbers and members are the session's own. On its event loop. */
public final class LinkSession implements DopplerSession {
    private static final Logger LOG = LoggerFactory.getLogger(LinkSession.class);
    private static final short PROTOCOL_ERROR = 1002;
    private static final short TOO_LARGE = 1009;
    static final int SILENT_INTERVALS = 3;
    /** How long a peer has to take what is before the close. */
    private static final long CLOSE_MILLIS = 2_000;

    private static final Buffer NO_BYTES = Buffer.buffer();
    private static final ToDoppler ENVELOPES =
            ToDoppler.newBuilder().setEnvelopes(Envelopes.getDefaultInstance()).build();

    private final Vertx vertx;
    private final Context context;
    private final WebSocket webSocket;
    private final DopplerListener listener;
    private final String address;
    private Confirm.Builder confirms = Confirm.newBuilder();
    private String epoch;
    private int lanes;
    private final Promise<Void> over = Promise.promise();
    private boolean open;
    private boolean takesEnvelopes;
    private boolean saidGoodbye;
    private boolean closing;
    private boolean ended;
    private long heard = System.nanoTime();
    private long timer;

    LinkSession(Vertx vertx, WebSocket webSocket, String address, DopplerListener listener) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.webSocket = webSocket;
        this.address = address;
        this.listener = listener;
    }

    /**
     * Says hello and serves the session to its end.
     *
     * @param admit asked, when the Doppler has said who it is, for a reason not to go on, or null
     */
    void serve(Hello hello, Duration pingInterval, Function<LinkSession, String> admit, Consumer<LinkSession> onEnd) {
        webSocket.binaryMessageHandler(buffer -> received(buffer, admit));
        webSocket.pongHandler(pong -> heard = System.nanoTime());
        webSocket.exceptionHandler(this::failed);
        webSocket.closeHandler(closed -> {
            end(onEnd);
        });
        timer = vertx.setPeriodic(pingInterval.toMillis(), tick -> {
            if (System.nanoTime() - heard > SILENT_INTERVALS * pingInterval.toNanos()) {
                LOG.warn("Doppler {} is silent, link closed", address);
                webSocket.close(PROTOCOL_ERROR, "silent for " + SILENT_INTERVALS + " ping intervals");
                vertx.setTimer(CLOSE_MILLIS, late -> cut());
                // Dialled again at once: with a peer that is away, TCP may take a quarter of an hour to notice.
                end(onEnd);
            } else {
                webSocket.writePing(NO_BYTES);
            }
        });
        write(ToDoppler.newBuilder().setHello(hello).build());
    }

    private void end(Consumer<LinkSession> onEnd) {
        if (ended) {
            return;
        }
        ended = true;
        vertx.cancelTimer(timer);
        if (open) {
            open = false;
            listener.closed(this);
            if (!saidGoodbye && !closing) {
                listener.brokeOff(this, SteadyClock.millis() - silence().toMillis());
            }
        }
        onEnd.accept(this);
        over.complete();
    }

    /** Closes the connection whatever waits to be written; Vert.x's own close would wait for that. */
    private void cut() {
        ((WebSocketInternal) webSocket).channelHandlerContext().close();
    }

    @Override
    public Kind kind() {
        return Kind.LINK;
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public int lanes() {
        return lanes;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - heard);
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public boolean selects() {
        return false;
    }

    /** Whether the Doppler said that this run of it ends. */
    boolean saidGoodbye() {
        return saidGoodbye;
    }

    @Override
    public void send(ToDoppler message) {
        if (open) {
            writeConfirms();
            write(message);
        }
    }

    /** Whether the Doppler takes envelopes of this Traffic Controller's own now. */
    boolean takesEnvelopes() {
        return open && takesEnvelopes && !saidGoodbye;
    }

    /**
     * Sends some, as batch bytes of less than 1 MiB. Completes when they are written to the socket; when it fails, the
     * Doppler has none of them, since it takes whole messages only.
     */
    Future<Void> envelopes(byte[] batch) {
        return webSocket.writeBinaryMessage(Buffer.buffer(LinkFrame.encode(ENVELOPES, batch, 0, batch.length)));
    }

    /** Confirmations of one turn travel together. */
    @Override
    public void confirm(long member, int lane, long sequence) {
        if (!open) {
            return;
        }
        if (confirms.getMembersCount() == 0) {
            context.runOnContext(turn -> {
                if (open) {
                    writeConfirms();
                }
            });
        }
        confirms.addMembers(
                Confirmed.newBuilder().setMember(member).setLane(lane).setSequence(sequence));
    }

    private void writeConfirms() {
        if (confirms.getMembersCount() > 0) {
            Confirm all = confirms.build();
            confirms = Confirm.newBuilder();
            write(ToDoppler.newBuilder().setConfirm(all).build());
        }
    }

    /** Ends the session when what was told is written; completes when it has ended. */
    Future<Void> close() {
        closing = true;
        if (open) {
            writeConfirms();
        }
        webSocket.close();
        vertx.setTimer(CLOSE_MILLIS, late -> cut());
        return over.future();
    }

    private void write(ToDoppler message) {
        webSocket.writeBinaryMessage(Buffer.buffer(LinkFrame.encode(message)));
    }

    private void received(Buffer buffer, Function<LinkSession, String> admit) {
        if (ended) {
            return;
        }
        heard = System.nanoTime();
        ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
        byte[] array;
        int from;
        if (bytes.hasArray()) {
            array = bytes.array();
            from = bytes.arrayOffset() + bytes.readerIndex();
        } else {
            array = buffer.getBytes();
            from = 0;
        }
        int to = from + buffer.length();
        try {
            int headerEnd = LinkFrame.headerEnd(array, from, to);
            received(LinkFrame.toTrafficController(array, from, to), array, headerEnd, to, admit);
        } catch (InvalidProtocolBufferException e) {
            protocolError("not a link message");
        }
    }

    private void received(
            ToTrafficController message, byte[] bytes, int from, int to, Function<LinkSession, String> admit) {
        if (message.hasWelcome()) {
            welcome(message.getWelcome(), admit);
        } else if (!open) {
            protocolError("the first message must be a welcome");
        } else {
            switch (message.getMessageCase()) {
                case BATCH -> listener.batch(this, message.getBatch(), bytes, from, to);
                case GAP -> listener.gap(this, message.getGap());
                case LAG -> listener.lag(this, message.getLag());
                case MOVED -> listener.moved(message.getMoved());
                case ANSWER -> listener.answer(this, message.getAnswer(), bytes, from, to);
                case GOODBYE -> {
                    saidGoodbye = true;
                    LOG.info("Doppler {} stops", address);
                }
                default -> protocolError("an unexpected message");
            }
        }
    }

    private void welcome(Welcome welcome, Function<LinkSession, String> admit) {
        if (open || welcome.getEpoch().isEmpty() || welcome.getLanes() < 1) {
            protocolError("an unexpected welcome");
            return;
        }
        epoch = welcome.getEpoch();
        lanes = welcome.getLanes();
        takesEnvelopes = welcome.getTakesEnvelopes();
        String reason = admit.apply(this);
        if (reason != null) {
            webSocket.close();
            return;
        }
        open = true;
        LOG.info("linked to Doppler {}", address);
        listener.opened(this);
    }

    /** Told that the connection broke, or of a message that is too large, after which Vert.x would go on without it. */
    private void failed(Throwable error) {
        LOG.debug("link to {}", address, error);
        if (error instanceof IllegalStateException) {
            LOG.warn("link to Doppler {} closed: {}", address, error.getMessage());
            webSocket.close(TOO_LARGE, "a message too large");
        }
    }

    private void protocolError(String what) {
        LOG.warn("link to Doppler {} closed: {}", address, what);
        webSocket.close(PROTOCOL_ERROR, what);
    }
}
