package io.loggregator.trafficcontroller.streamv2;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.node.RateLimitedLog;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Bye;
import io.loggregator.streaming.v2.HeldBack;
import io.loggregator.streaming.v2.Lagging;
import io.loggregator.streaming.v2.Position;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Ready;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import io.loggregator.trafficcontroller.fanout.ClientSocket;
import io.loggregator.trafficcontroller.fanout.Turn;
import io.loggregator.trafficcontroller.subscription.ClientTimes;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.trafficcontroller.subscription.Readings;
import io.loggregator.trafficcontroller.subscription.SlowConsumer;
import io.loggregator.trafficcontroller.subscription.Subscription;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** One client that acknowledges: from its handshake through its start to its end. */
final class StreamClient implements Reader, ClientSocket.Owner {
    /** So much a client may have unacknowledged for as long as it likes; up to there no Doppler waits for it. */
    static final long UNACKNOWLEDGED_BYTES = 64 << 10;

    private static final long POSITION_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long HELD_BACK_PAUSE = TimeUnit.SECONDS.toNanos(10);
    private static final String NO_MESSAGE = "what came was no message, or too long";
    private static final String STOPPING = "this Traffic Controller stops";

    private final Wish wish;
    private final Readings readings;
    private final ClientTimes times;
    private final Consumer<SlowConsumer> slowConsumers;
    private final Turn turn;
    private final StreamCounters counters;
    private final RateLimitedLog log;
    private final Consumer<StreamClient> onEnd;
    private final long opened;
    private final Unacknowledged unacknowledged = new Unacknowledged();
    private ClientSocket socket;
    private Positions positions = Positions.NEVER;
    /** Null before the start; so are the next two. */
    private Credit credit;

    private Outbox outbox;
    private Reading reading;
    private boolean sending;
    private boolean refusedMore;
    private boolean over;
    private long acknowledgedAt;
    private long positionToldAt;
    private boolean positionDue;
    private long heldBackToldAt;
    private long heldBack;
    private long heldBackTold;

    StreamClient(
            Wish wish,
            Readings readings,
            ClientTimes times,
            Consumer<SlowConsumer> slowConsumers,
            Turn turn,
            StreamCounters counters,
            RateLimitedLog log,
            Consumer<StreamClient> onEnd) {
        this.wish = wish;
        this.readings = readings;
        this.times = times;
        this.slowConsumers = slowConsumers;
        this.turn = turn;
        this.counters = counters;
        this.log = log;
        this.onEnd = onEnd;
        this.opened = turn.nanos();
    }

    void open(ServerWebSocket webSocket) {
        counters.open.add(1);
        socket = new ClientSocket(webSocket, turn, times.pong(), this);
        socket.open();
        webSocket.binaryMessageHandler(this::received);
        webSocket.textMessageHandler(text -> violated(Violation.ofProtocol("a text message")));
        // Vert.x lives on after a message that is too long.
        webSocket.exceptionHandler(this::failed);
    }

    private void failed(Throwable error) {
        if (error instanceof IOException || error instanceof HttpClosedException) {
            // The connection has ended by itself.
            close(Violation.PROTOCOL_ERROR, NO_MESSAGE);
        } else {
            violated(Violation.ofProtocol(NO_MESSAGE));
        }
    }

    // ---- what the client says ----------------------------------------------------------------------------------

    private void received(Buffer message) {
        if (over) {
            return;
        }
        try {
            handle(StreamMessage.toServer(message.getBytes()));
        } catch (InvalidProtocolBufferException e) {
            violated(Violation.ofProtocol("not a message of " + StreamMessage.SUBPROTOCOL));
        } catch (Violation e) {
            violated(e);
        }
    }

    private void handle(ToServer message) throws Violation {
        ToServer.MessageCase kind = message.getMessageCase();
        if (kind == ToServer.MessageCase.MESSAGE_NOT_SET) {
            throw Violation.ofProtocol("an unexpected message");
        }
        if (kind == ToServer.MessageCase.START) {
            if (reading != null) {
                throw Violation.ofProtocol("a second start");
            }
            start(message.getStart());
        } else if (reading == null) {
            throw Violation.ofProtocol("the first message must be a start");
        } else if (kind == ToServer.MessageCase.ACK) {
            acknowledge(message.getAck().getMark());
        } else {
            credit.add(message.getCredit().getBytes());
            sendLater();
        }
    }

    private void start(Start start) throws Violation {
        Subscription subscription = wish.narrowed(start);
        Form form = Wish.form(start);
        if (start.getCredit() == 0) {
            throw Violation.ofPolicy("a start without credit");
        }
        if (start.getPositions() == Positions.UNRECOGNIZED) {
            throw Violation.ofPolicy("positions: no such value: " + start.getPositionsValue());
        }
        credit = new Credit(start.getCredit());
        positions = start.getPositions();
        outbox = new Outbox(socket, credit, unacknowledged, this::positionToSend, counters.envelopes);
        acknowledgedAt = turn.nanos();
        positionToldAt = acknowledgedAt;
        heldBackToldAt = acknowledgedAt;
        outbox.send(ToClient.newBuilder()
                .setReady(Ready.newBuilder()
                        .setSlowMillis(times.progress().toMillis())
                        .setUnacknowledgedBytes(UNACKNOWLEDGED_BYTES))
                .build());
        reading = readings.open(subscription, form, this);
    }

    private void acknowledge(long mark) throws Violation {
        long arrived = unacknowledged.acknowledge(mark);
        if (arrived > 0) {
            acknowledgedAt = turn.nanos();
            reading.confirm(arrived);
        }
    }

    private void violated(Violation violation) {
        if (!over) {
            counters.violations.add(1);
            log.warn("stream {} from {} ended: {}", request(), remote(), violation.getMessage());
            close(violation.code(), violation.getMessage());
        }
    }

    // ---- what is handed to it ----------------------------------------------------------------------------------

    @Override
    public boolean writable() {
        boolean room = !over && outbox.hasRoom();
        refusedMore |= !room;
        return room;
    }

    @Override
    public void take(Piece piece) {
        heldBack += piece.heldBack();
        counters.heldBack.add(piece.heldBack());
        if (over) {
            piece.bytes().release();
        } else {
            outbox.add(piece);
            sendLater();
        }
    }

    @Override
    public void take(Loss loss) {
        if (!over) {
            outbox.add(loss);
            sendLater();
        }
    }

    /** Costs no credit and overtakes what waits for some. */
    @Override
    public boolean take(Lag lag, long number) {
        if (over) {
            return false;
        }
        outbox.tell(ToClient.newBuilder()
                .setLagging(Lagging.newBuilder()
                        .setBehindMillis(lag.millis())
                        .setBehindBytes(lag.bytes())
                        .setLimitBytes(lag.limitBytes()))
                .build());
        return true;
    }

    /** At the end of the turn, so that what comes together goes together. */
    private void sendLater() {
        if (!sending) {
            sending = true;
            turn.later(this::send);
        }
    }

    private void send() {
        sending = false;
        if (over) {
            return;
        }
        long arrived = outbox.send();
        if (arrived > 0) {
            reading.confirm(arrived);
        }
        if (refusedMore && outbox.hasRoom()) {
            refusedMore = false;
            reading.room();
        }
    }

    private String positionToSend() {
        positionDue = true;
        boolean now = switch (positions) {
            case EVERY_BATCH -> true;
            case EVERY_SECOND -> turn.nanos() - positionToldAt >= POSITION_PAUSE;
            default -> false;
        };
        return now ? position() : "";
    }

    private String position() {
        positionDue = false;
        positionToldAt = turn.nanos();
        return reading.position();
    }

    @Override
    public long waitingBytes() {
        return socket.waitingBytes() + outbox.bytes();
    }

    @Override
    public String endpoint() {
        return "stream.v2";
    }

    @Override
    public String remote() {
        return socket.remote();
    }

    @Override
    public String forwardedFor() {
        return socket.forwardedFor();
    }

    @Override
    public String request() {
        return socket.uri();
    }

    // ---- time --------------------------------------------------------------------------------------------------

    /** Looks after the client; called every second or so. */
    void tick() {
        if (over) {
            return;
        }
        // Who is too slow to take is found by the readings.
        socket.tick(Long.MAX_VALUE);
        long now = turn.nanos();
        if (reading == null) {
            if (now - opened >= times.start().toNanos()) {
                violated(Violation.ofPolicy("no start within " + times.startText()));
            }
        } else if (unacknowledged.bytes() <= UNACKNOWLEDGED_BYTES) {
            acknowledgedAt = now;
            tell(now);
        } else if (now - acknowledgedAt >= times.progress().toNanos()) {
            counters.slow.add(1);
            Pace pace = reading.pace();
            log.warn(
                    "Doppler Proxy: Slow Consumer from {} using {}: took {}, nothing acknowledged",
                    remote(),
                    request(),
                    pace);
            slowConsumers.accept(new SlowConsumer(remote(), forwardedFor(), request(), pace));
            closeTooSlow(pace, "acknowledged");
        } else {
            tell(now);
        }
    }

    private void tell(long now) {
        if (positions == Positions.EVERY_SECOND
                && positionDue
                && outbox.isEmpty()
                && now - positionToldAt >= POSITION_PAUSE) {
            String position = position();
            if (!position.isEmpty()) {
                outbox.send(ToClient.newBuilder()
                        .setPosition(Position.newBuilder()
                                .setMark(unacknowledged.lastSent())
                                .setPosition(position))
                        .build());
            }
        }
        if (heldBack > heldBackTold && now - heldBackToldAt >= HELD_BACK_PAUSE) {
            heldBackToldAt = now;
            tellHeldBack();
        }
    }

    private void tellHeldBack() {
        if (heldBack > heldBackTold) {
            outbox.send(ToClient.newBuilder()
                    .setHeldBack(HeldBack.newBuilder()
                            .setCount(heldBack - heldBackTold)
                            .setTotal(heldBack))
                    .build());
            heldBackTold = heldBack;
        }
    }

    // ---- the end -----------------------------------------------------------------------------------------------

    @Override
    public void tooSlow(Pace pace) {
        closeTooSlow(pace, "taken");
    }

    private void closeTooSlow(Pace pace, String missed) {
        close(
                Violation.POLICY,
                pace.tooSlow() + ", nothing " + missed + " for "
                        + times.progress().toMillis() + " ms");
    }

    @Override
    public void stopping() {
        close(ClientSocket.GOING_AWAY, STOPPING);
    }

    @Override
    public void moved() {
        close(Violation.POLICY, MOVED);
    }

    /** Ends the stream, and says why if the client still takes it. */
    void close(short code, String reason) {
        if (over) {
            return;
        }
        over = true;
        if (outbox != null) {
            outbox.clear();
            tellHeldBack();
            outbox.send(ToClient.newBuilder()
                    .setBye(Bye.newBuilder().setReason(reason))
                    .build());
            socket.flush();
        }
        leave();
        socket.close(code, reason);
    }

    private void leave() {
        if (reading != null) {
            reading.close();
        }
    }

    @Override
    public void writableAgain() {
        if (reading != null) {
            send();
        }
    }

    @Override
    public void reached(long mark) {
        // Pongs confirm nothing here: the client acknowledges.
    }

    @Override
    public boolean hasWaiting() {
        return outbox != null && !outbox.isEmpty();
    }

    @Override
    public void ended() {
        over = true;
        if (outbox != null) {
            outbox.clear();
        }
        leave();
        counters.open.add(-1);
        onEnd.accept(this);
    }
}
