package io.loggregator.trafficcontroller.rlp;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusException;
import io.loggregator.stream.dispatch.Lag;
import io.loggregator.stream.notice.LagNotice;
import io.loggregator.trafficcontroller.subscription.Form;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Pace;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.loggregator.trafficcontroller.subscription.Reader;
import io.loggregator.trafficcontroller.subscription.Reading;
import io.loggregator.wire.BatchRecords;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.TagForm;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import java.util.Arrays;

/**
 * One call of an Egress method, a reader of its event loop. What it is handed it gives to the transport at once and
 * confirms; it takes more only while the transport has room.
 */
final class EgressCall extends ServerCall.Listener<byte[]> implements Reader {
    /** As a v1 client's socket: what may wait in the transport before no more is taken. */
    private static final int ROOM = 256 * 1024;
    /** Messages end at the next envelope after so many bytes: a slow reader's progress shows message by message. */
    private static final int MESSAGE_BYTES = 64 * 1024;
    /** The largest message that a client takes which has set nothing. */
    static final int LARGEST_MESSAGE = 4 << 20;

    private static final int HEAD = 5;
    private static final String TOO_LARGE = "too_large";
    private static final String PLATFORM = "system";
    private static final long CLOSE_MILLIS = 5_000;

    private final ServerCall<byte[], ByteBuf> call;
    private final Runnable cut;
    private final EgressService service;
    private final LoopReadings loop;
    private final Context context;
    private final boolean batched;
    private EgressRequest request;
    private Reading reading;
    private int messages;
    private byte[] message;
    private long startTimer;
    private boolean closed;
    private boolean over;
    private long handed;
    private long tooLarge;
    private long lost;

    /**
     * @param cut cuts the stream off, whatever waits to be read
     * @param batched whether answers are batches, not single envelopes
     */
    EgressCall(
            ServerCall<byte[], ByteBuf> call, Runnable cut, EgressService service, LoopReadings loop, boolean batched) {
        this.call = call;
        this.cut = cut;
        this.service = service;
        this.loop = loop;
        this.context = loop.context();
        this.batched = batched;
    }

    // ---- the call ----------------------------------------------------------------------------------------------

    /** Begins to wait for the request. */
    void await() {
        call.setOnReadyThreshold(ROOM);
        // One more than there may be, so that a further one is noticed.
        call.request(2);
        context.runOnContext(turn -> {
            if (!over) {
                startTimer = context.owner().setTimer(service.times().start().toMillis(), late -> {
                    if (request == null) {
                        close(Status.DEADLINE_EXCEEDED.withDescription(
                                "no request within " + service.times().startText()));
                    }
                });
            }
        });
    }

    /** Ends it before it has begun. */
    void refuse(Status why) {
        context.runOnContext(turn -> close(why));
    }

    @Override
    public void onMessage(byte[] bytes) {
        messages++;
        message = bytes;
    }

    @Override
    public void onHalfClose() {
        context.runOnContext(turn -> open());
    }

    private void open() {
        if (closed || over) {
            return;
        }
        try {
            if (messages != 1) {
                throw Status.INVALID_ARGUMENT
                        .withDescription(messages + " requests, one is to be sent")
                        .asException();
            }
            request = EgressRequest.read(message);
        } catch (StatusException e) {
            close(e.getStatus());
            return;
        }
        begun();
        call.sendHeaders(new Metadata());
        reading = loop.readings().open(request.subscription(), request.form(), this);
    }

    /** What was only needed for the request is not kept: a stream may last for long, and the timer holds on to one that is gone. */
    private void begun() {
        message = null;
        context.owner().cancelTimer(startTimer);
    }

    @Override
    public void onReady() {
        context.runOnContext(turn -> {
            if (reading != null && writable()) {
                reading.room();
            }
        });
    }

    @Override
    public void onCancel() {
        context.runOnContext(turn -> ended());
    }

    @Override
    public void onComplete() {
        context.runOnContext(turn -> ended());
    }

    private void ended() {
        if (over) {
            return;
        }
        over = true;
        closed = true;
        begun();
        service.ended();
        if (reading != null) {
            reading.close();
        }
    }

    private void close(Status status) {
        if (closed) {
            return;
        }
        closed = true;
        if (!over) {
            call.close(status, new Metadata());
            // Who does not read does not read this either; what waits for it is dropped with the stream.
            context.owner().setTimer(CLOSE_MILLIS, late -> {
                if (!over) {
                    cut.run();
                }
            });
        }
    }

    // ---- the reader --------------------------------------------------------------------------------------------

    @Override
    public boolean writable() {
        return !closed && call.isReady();
    }

    @Override
    public void take(Piece piece) {
        ByteBuf bytes = piece.bytes();
        if (closed) {
            bytes.release();
            return;
        }
        if (batched && bytes.readableBytes() <= MESSAGE_BYTES) {
            if (bytes.isReadable()) {
                send(bytes);
            } else {
                bytes.release();
            }
        } else {
            cut(bytes);
            bytes.release();
        }
        service.counters().egress(piece.envelopes());
        reading.confirm(piece.mark());
    }

    private void cut(ByteBuf bytes) {
        Records records = new Records(bytes);
        int from = bytes.readerIndex();
        int to = from;
        while (records.next()) {
            if (!batched) {
                sendOrTell(bytes, records.envelopeStart(), records.end());
                continue;
            }
            if (records.end() - from > MESSAGE_BYTES) {
                send(bytes, from, to);
                from = records.start();
            }
            to = records.end();
            if (to - from > MESSAGE_BYTES) {
                sendOrTell(bytes, from, to);
                from = to;
            }
        }
        send(bytes, from, to);
    }

    private void sendOrTell(ByteBuf bytes, int from, int to) {
        if (to - from > LARGEST_MESSAGE) {
            tooLarge++;
            service.counters().tooLarge();
            tell(Loss.numbered(1, TOO_LARGE));
        } else {
            send(bytes.retainedSlice(from, to - from));
        }
    }

    private void send(ByteBuf bytes, int from, int to) {
        if (to > from) {
            send(bytes.retainedSlice(from, to - from));
        }
    }

    private void send(ByteBuf own) {
        handed += own.readableBytes() + HEAD;
        call.sendMessage(own);
    }

    @Override
    public void take(Loss loss) {
        if (!closed) {
            lost = loss.total();
            tell(loss);
            reading.confirm(loss.mark());
        }
    }

    @Override
    public boolean take(Lag lag, long number) {
        LagNotice notice = new LagNotice(request.subscription().selection(), PLATFORM, lag, number, remote());
        if (closed || !notice.hasForm()) {
            return false;
        }
        tell(notice.v2());
        return true;
    }

    private void tell(Loss loss) {
        service.counters().notice();
        tell(loss.at(loss.mark(), lost + tooLarge)
                .notice(request.subscription().selection(), PLATFORM, remote())
                .v2());
    }

    private void tell(byte[] notice) {
        ByteBuf bytes = Unpooled.wrappedBuffer(inForm(notice));
        if (batched) {
            send(bytes);
        } else {
            cut(bytes);
        }
    }

    private byte[] inForm(byte[] preferred) {
        if (request.form() != Form.V2_DEPRECATED) {
            return preferred;
        }
        ByteSink out = new ByteSink(2 * preferred.length);
        TagForm form = new TagForm(false);
        BatchRecords records = new BatchRecords().over(preferred, 0, preferred.length);
        while (records.next()) {
            form.render(preferred, records.start(), records.end(), out);
        }
        return Arrays.copyOf(out.bytes(), out.end());
    }

    @Override
    public void tooSlow(Pace pace) {
        reading = null;
        close(service.slow(pace));
    }

    @Override
    public void stopping() {
        reading = null;
        close(Status.OK);
    }

    /**
     * The transport tells only whether less than a threshold waits; so that is moved until it is found how much. Done once
     * a second for readers that something waits for.
     */
    @Override
    public long waitingBytes() {
        int less = 0;
        int enough = (int) Math.min(Integer.MAX_VALUE, handed + 1);
        while (enough - less > 1) {
            int middle = (less + enough) >>> 1;
            call.setOnReadyThreshold(middle);
            if (call.isReady()) {
                enough = middle;
            } else {
                less = middle;
            }
        }
        call.setOnReadyThreshold(ROOM);
        return less;
    }

    @Override
    public String endpoint() {
        return "rlp";
    }

    @Override
    public String remote() {
        return String.valueOf(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    }

    @Override
    public String request() {
        return call.getMethodDescriptor().getFullMethodName() + ", " + request.text();
    }
}
