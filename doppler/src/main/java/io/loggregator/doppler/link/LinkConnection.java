package io.loggregator.doppler.link;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.doppler.lane.DopplerLane;
import io.loggregator.link.LinkFrame;
import io.loggregator.link.v1.Confirmed;
import io.loggregator.link.v1.Goodbye;
import io.loggregator.link.v1.Hello;
import io.loggregator.link.v1.Join;
import io.loggregator.link.v1.ToDoppler;
import io.loggregator.link.v1.ToTrafficController;
import io.loggregator.link.v1.Welcome;
import io.loggregator.stream.dispatch.GroupKey;
import io.netty.handler.codec.CorruptedFrameException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Traffic Controller's link, from its hello to its end. Owned by the socket's loop; lanes are asked on theirs. */
final class LinkConnection {
    private static final Logger LOG = LoggerFactory.getLogger(LinkConnection.class);
    private static final short NORMAL = 1000;
    private static final short PROTOCOL_ERROR = 1002;
    private static final short GOING_AWAY = 1001;
    private static final short TOO_LARGE = 1009;
    private static final int SILENT_INTERVALS = 3;
    /** How long a peer has to take what is before the close. */
    static final long CLOSE_MILLIS = 2_000;

    private static final Buffer NO_BYTES = Buffer.buffer();

    private final Vertx vertx;
    private final ServerWebSocket webSocket;
    private final String epoch;
    private final List<LaneSide> sides = new ArrayList<>();
    private final LinkSocket socket;
    private final Queries queries;
    private final Consumer<String> refused;
    private String trafficController;
    private boolean closing;
    private boolean ended;
    private long heard = System.nanoTime();
    private long timer;

    LinkConnection(Vertx vertx, ServerWebSocket webSocket, List<DopplerLane> lanes, LinkVerticle.Options options) {
        this.vertx = vertx;
        this.webSocket = webSocket;
        this.epoch = options.epoch();
        this.refused = options.refused();
        this.socket = new LinkSocket(webSocket, options.buffer(), this::room, options.full());
        lanes.forEach(lane -> sides.add(new LaneSide(lane, socket)));
        this.queries = new Queries(vertx.getOrCreateContext(), socket, sides);
    }

    void serve(Duration pingInterval, Runnable onEnd) {
        webSocket.binaryMessageHandler(this::received);
        webSocket.textMessageHandler(text -> protocolError("a text message"));
        webSocket.pongHandler(pong -> heard = System.nanoTime());
        webSocket.exceptionHandler(this::failed);
        webSocket.closeHandler(closed -> end(onEnd));
        timer = vertx.setPeriodic(pingInterval.toMillis(), tick -> {
            if (closing) {
                return;
            }
            if (System.nanoTime() - heard > SILENT_INTERVALS * pingInterval.toNanos()) {
                LOG.warn("link of {} from {} is silent, closed", trafficController, webSocket.remoteAddress());
                refused.accept("silent");
                close(PROTOCOL_ERROR, "silent for " + SILENT_INTERVALS + " ping intervals");
                // Not when the socket is gone: with a peer that is away, that may take TCP a quarter of an hour.
                end(onEnd);
            } else {
                webSocket.writePing(NO_BYTES);
            }
        });
    }

    /** Lets go of all readers, so that what was under way to them goes to others. */
    private void end(Runnable onEnd) {
        if (ended) {
            return;
        }
        ended = true;
        closing = true;
        vertx.cancelTimer(timer);
        queries.close();
        boolean comesBack = !isDone(webSocket.closeStatusCode());
        onLanes(side -> side.close(comesBack));
        if (trafficController != null) {
            LOG.info("link of {} from {} ended", trafficController, webSocket.remoteAddress());
        }
        onEnd.run();
    }

    /** Whether the peer closed because it wants nothing more. */
    private static boolean isDone(Short closeCode) {
        return closeCode != null && closeCode == NORMAL;
    }

    private void room() {
        queries.goOn();
        onLanes(side -> side.doppler().schedulePump());
    }

    /** Told that the connection broke, or of frames that are none or too large. */
    private void failed(Throwable error) {
        LOG.debug("link from {}", webSocket.remoteAddress(), error);
        if (closing) {
            return;
        }
        if (error instanceof CorruptedFrameException || error instanceof IllegalStateException) {
            refused.accept("garbage");
            LOG.warn("link from {} closed: {}", webSocket.remoteAddress(), error.getMessage());
            close(TOO_LARGE, "not a WebSocket frame, or a message too large");
        }
    }

    /** Says that nothing follows, and closes. */
    void goodbye() {
        socket.send(LinkFrame.encode(ToTrafficController.newBuilder()
                .setGoodbye(Goodbye.getDefaultInstance())
                .build()));
        close(GOING_AWAY, "this Doppler stops");
    }

    private void received(Buffer buffer) {
        if (closing) {
            return;
        }
        heard = System.nanoTime();
        byte[] bytes = buffer.getBytes();
        ToDoppler message;
        try {
            message = LinkFrame.toDoppler(bytes);
        } catch (InvalidProtocolBufferException e) {
            protocolError("not a link message");
            return;
        }
        if (trafficController == null) {
            if (message.hasHello()) {
                hello(message.getHello());
            } else {
                protocolError("the first message must be a hello");
            }
            return;
        }
        switch (message.getMessageCase()) {
            case JOIN -> join(message.getJoin());
            case ENVELOPES -> envelopes(bytes);
            case LEAVE -> onLanes(side -> side.leave(message.getLeave().getMember()));
            case WINDOW ->
                onLanes(side -> side.window(
                        message.getWindow().getMember(), message.getWindow().getBytes()));
            case CONFIRM -> message.getConfirm().getMembersList().forEach(this::confirm);
            case TAILS -> onLanes(side -> side.tails(message.getTails()));
            case QUERY -> {
                if (!queries.add(message.getQuery())) {
                    protocolError("more than " + Queries.MOST_WAITING + " queries without an answer");
                }
            }
            default -> protocolError("an unexpected message");
        }
    }

    private void hello(Hello hello) {
        if (hello.getTrafficController().isEmpty()) {
            protocolError("a hello without a name");
            return;
        }
        trafficController = hello.getTrafficController();
        LOG.info("link of {} from {}", trafficController, webSocket.remoteAddress());
        onLanes(side -> side.open(hello));
        socket.send(LinkFrame.encode(ToTrafficController.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setEpoch(epoch)
                        .setLanes(sides.size())
                        .setTakesEnvelopes(true))
                .build()));
    }

    private void join(Join join) {
        Optional<String> objection = JoinMessages.objection(join);
        if (objection.isPresent()) {
            protocolError(objection.get());
            return;
        }
        GroupKey key = JoinMessages.key(join);
        onLanes(side -> side.join(join, key));
    }

    /** Those of one Traffic Controller go into one lane, so that they keep their order. */
    private void envelopes(byte[] message) {
        LaneSide side = sides.get(Math.floorMod(trafficController.hashCode(), sides.size()));
        int from;
        try {
            from = LinkFrame.headerEnd(message);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a message that was parsed before", e);
        }
        side.doppler().execute(() -> side.envelopes(message, from));
    }

    private void confirm(Confirmed confirmed) {
        if (confirmed.getLane() < 0 || confirmed.getLane() >= sides.size()) {
            protocolError("no lane " + confirmed.getLane());
            return;
        }
        LaneSide side = sides.get(confirmed.getLane());
        side.doppler().execute(() -> side.confirm(confirmed));
    }

    private void onLanes(Consumer<LaneSide> action) {
        for (LaneSide side : sides) {
            side.doppler().execute(() -> action.accept(side));
        }
    }

    private void protocolError(String what) {
        if (closing) {
            return;
        }
        refused.accept("protocol");
        LOG.warn("link from {} closed: {}", webSocket.remoteAddress(), what);
        close(PROTOCOL_ERROR, what);
    }

    /** Closes once; what still comes meanwhile is not looked at. */
    private void close(short code, String reason) {
        closing = true;
        webSocket.close(code, reason);
        vertx.setTimer(CLOSE_MILLIS, late -> socket.cut());
    }
}
