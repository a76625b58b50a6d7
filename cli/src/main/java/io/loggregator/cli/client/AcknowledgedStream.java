package io.loggregator.cli.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Ack;
import io.loggregator.streaming.v2.Credit;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import io.loggregator.wire.BatchCursor;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * One connection in {@code loggregator.stream.v2}: takes batches apart, acknowledges those that have been handled whole,
 * and tells of gaps where they are.
 */
final class AcknowledgedStream implements Arrivals {
    /** Of batch bytes that may be on their way here or wait here. */
    private static final long CREDIT_BYTES = 4 << 20;

    private final EnvelopeStream messages;
    private final Consumer<String> positions;
    private final Consumer<String> notices;
    private final BatchCursor cursor = new BatchCursor(false);
    private byte[] message = {};
    private boolean some;
    private long mark;
    private String position = "";
    private long size;

    /** Of the last message that was taken whole. */
    private long takenMark;

    private String takenPosition = "";
    private long takenBytes;
    private long acknowledged;
    private String problem;

    /**
     * Starts the stream.
     *
     * @param resume where an earlier one was; empty: nowhere
     * @param positions told where one could go on that comes after this one
     * @param notices told of gaps
     */
    AcknowledgedStream(EnvelopeStream messages, String resume, Consumer<String> positions, Consumer<String> notices) {
        this.messages = messages;
        this.positions = positions;
        this.notices = notices;
        send(ToServer.newBuilder()
                .setStart(Start.newBuilder()
                        .setCredit(CREDIT_BYTES)
                        .setPositions(Positions.EVERY_BATCH)
                        .setResume(resume)));
    }

    private void send(ToServer.Builder said) {
        messages.send(StreamMessage.encode(said.build()));
    }

    @Override
    public boolean isV2() {
        return true;
    }

    @Override
    public byte[] poll() {
        while (!some) {
            byte[] next = messages.poll();
            if (next == null) {
                return null;
            }
            open(next);
        }
        return envelope();
    }

    @Override
    public byte[] take() throws InterruptedException {
        while (!some) {
            byte[] next = messages.take();
            if (next == null) {
                return null;
            }
            open(next);
        }
        return envelope();
    }

    private byte[] envelope() {
        byte[] envelope = Arrays.copyOfRange(message, cursor.envelopeStart(), cursor.envelopeEnd());
        forward();
        return envelope;
    }

    /** Moves to the next envelope of the batch; behind the last, the batch counts as taken. */
    private void forward() {
        some = cursor.next();
        if (!some) {
            taken(mark, position);
            takenBytes += size;
        }
    }

    private void taken(long upTo, String from) {
        takenMark = upTo;
        if (!from.isEmpty()) {
            takenPosition = from;
        }
    }

    private void open(byte[] next) {
        ToClient header;
        int start;
        try {
            header = StreamMessage.toClient(next);
            start = StreamMessage.batchStart(next);
        } catch (InvalidProtocolBufferException e) {
            if (problem == null) {
                problem = "the server sent what is no message of " + StreamMessage.SUBPROTOCOL;
                messages.close();
            }
            return;
        }
        switch (header.getMessageCase()) {
            case BATCH -> {
                message = next;
                size = (long) next.length - start;
                mark = header.getBatch().getMark();
                position = header.getBatch().getPosition();
                cursor.over(next, start, next.length);
                forward();
            }
            case GAP -> {
                notices.accept(Losses.told(header.getGap()));
                taken(header.getGap().getMark(), header.getGap().getPosition());
            }
            case LAGGING -> notices.accept(Losses.warning(header.getLagging()));
            case HELD_BACK ->
                notices.accept("the filters held back "
                        + Long.toUnsignedString(header.getHeldBack().getCount()) + " envelopes");
            case POSITION -> taken(takenMark, header.getPosition().getPosition());
            default -> {
                // A word that changes nothing here: that the stream begins, or why it ends, which the close says, too.
            }
        }
    }

    @Override
    public void handled() {
        if (takenMark > acknowledged) {
            acknowledged = takenMark;
            positions.accept(takenPosition);
            send(ToServer.newBuilder().setAck(Ack.newBuilder().setMark(takenMark)));
        }
        if (takenBytes > 0) {
            send(ToServer.newBuilder().setCredit(Credit.newBuilder().setBytes(takenBytes)));
            takenBytes = 0;
        }
    }

    @Override
    public String endReason() {
        return problem == null ? messages.endReason() : problem;
    }

    @Override
    public void close() {
        messages.close();
    }
}
