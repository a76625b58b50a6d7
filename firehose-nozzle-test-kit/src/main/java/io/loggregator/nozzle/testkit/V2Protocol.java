package io.loggregator.nozzle.testkit;

import com.google.protobuf.InvalidProtocolBufferException;
import io.loggregator.link.LinkFrame;
import io.loggregator.streaming.StreamMessage;
import io.loggregator.streaming.v2.Batch;
import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.Lagging;
import io.loggregator.streaming.v2.Position;
import io.loggregator.streaming.v2.Positions;
import io.loggregator.streaming.v2.Ready;
import io.loggregator.streaming.v2.Start;
import io.loggregator.streaming.v2.Tags;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.streaming.v2.ToServer;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.v2.TagForm;
import java.util.Arrays;

/** {@code loggregator.stream.v2}: credit, marks, positions. */
final class V2Protocol implements Protocol {
    private static final int PROTOCOL_ERROR = 1002;
    private static final int POLICY = 1008;
    private static final int MOST_SELECTORS = 1_000;
    private static final int LARGEST_BATCH = 64 << 20;

    private final ClientConnection connection;
    private final Ready ready;
    private final boolean positions;
    /** Null before the client's start. */
    private Start start;

    private long credit;
    private long mark;
    private long lost;
    private String newest = "";
    private String told = "";
    /** The index of the batch whose bytes in the client's form are at hand. */
    private int formed = -1;

    private byte[] formedBytes;

    /** @param positions whether the stream has any */
    V2Protocol(ClientConnection connection, Ready ready, boolean positions) {
        this.connection = connection;
        this.ready = ready;
        this.positions = positions;
    }

    @Override
    public void message(boolean text, byte[] payload) {
        if (text) {
            connection.violated(PROTOCOL_ERROR, "a text message");
            return;
        }
        ToServer message;
        try {
            message = StreamMessage.toServer(payload);
        } catch (InvalidProtocolBufferException e) {
            connection.violated(PROTOCOL_ERROR, "not a message of " + StreamMessage.SUBPROTOCOL);
            return;
        }
        switch (message.getMessageCase()) {
            case START -> start(message.getStart());
            case ACK -> acknowledge(message.getAck().getMark());
            case CREDIT -> credit(message.getCredit().getBytes());
            case MESSAGE_NOT_SET -> connection.violated(PROTOCOL_ERROR, "an unexpected message");
        }
    }

    private void start(Start wanted) {
        if (start != null) {
            connection.violated(PROTOCOL_ERROR, "a second start");
        } else if (wanted.getCredit() == 0) {
            connection.violated(POLICY, "a start without credit");
        } else if (wanted.getSelectorsCount() > MOST_SELECTORS) {
            connection.violated(POLICY, "more than " + MOST_SELECTORS + " selectors");
        } else if (wanted.getSelectorsCount() > 0
                && connection.request().parameter("filter-type").isPresent()) {
            connection.violated(POLICY, "filter-type and selectors exclude each other");
        } else if (positions && !wanted.getDeterministicName().isEmpty()) {
            connection.violated(POLICY, "deterministic_name is for the firehose");
        } else {
            start = wanted;
            credit = bounded(wanted.getCredit());
            tell(ToClient.newBuilder().setReady(ready));
            connection.started(wanted, credit);
        }
    }

    private void acknowledge(long acknowledged) {
        if (start == null) {
            connection.violated(PROTOCOL_ERROR, "the first message must be a start");
        } else if (Long.compareUnsigned(acknowledged, mark) > 0) {
            connection.violated(
                    PROTOCOL_ERROR, "an ack of mark " + Long.toUnsignedString(acknowledged) + " after mark " + mark);
        } else {
            connection.acknowledge(acknowledged);
        }
    }

    private void credit(long bytes) {
        if (start == null) {
            connection.violated(PROTOCOL_ERROR, "the first message must be a start");
        } else {
            credit = sum(credit, bounded(bytes));
            connection.credited(bounded(bytes));
        }
    }

    @Override
    public void pong(byte[] payload) {
        // Confirms nothing here.
    }

    @Override
    public boolean takes(Item item) {
        if (start == null) {
            return false;
        }
        if (!(item instanceof Item.Batch batch)) {
            return true;
        }
        return inForm(batch).length <= credit || credit >= bounded(start.getCredit());
    }

    @Override
    public long write(Item item) {
        if (item instanceof Item.Lagging lagging) {
            tell(ToClient.newBuilder()
                    .setLagging(Lagging.newBuilder()
                            .setBehindMillis(lagging.lag().millis())
                            .setBehindBytes(lagging.lag().bytes())
                            .setLimitBytes(lagging.lag().limitBytes())));
            // Nothing to acknowledge.
            return mark;
        }
        mark++;
        newest = positions ? ScriptedStream.position(item.index() + 1) : "";
        String position = start.getPositions() == Positions.EVERY_BATCH ? newest : "";
        if (item instanceof Item.Batch batch) {
            byte[] bytes = inForm(batch);
            credit = Math.max(0, credit - bytes.length);
            Batch header = Batch.newBuilder()
                    .setMark(mark)
                    .setEnvelopes(batch.envelopes())
                    .setPosition(position)
                    .build();
            connection.writeMessage(
                    LinkFrame.encode(ToClient.newBuilder().setBatch(header).build(), bytes, 0, bytes.length));
        } else if (item instanceof Item.Loss loss) {
            lost += loss.count();
            tell(ToClient.newBuilder()
                    .setGap(Gap.newBuilder()
                            .setMark(mark)
                            .setCount(loss.count())
                            .setTotal(lost)
                            .setFirstMillis(loss.firstMillis())
                            .setLastMillis(loss.lastMillis())
                            .setReason(loss.reason())
                            .setPosition(position)));
        }
        return mark;
    }

    /** Tells where the client is, if it wants to know and was not told. */
    void tellPosition() {
        if (start != null && start.getPositions() == Positions.EVERY_SECOND && !newest.equals(told)) {
            told = newest;
            tell(ToClient.newBuilder()
                    .setPosition(Position.newBuilder().setMark(mark).setPosition(newest)));
        }
    }

    private void tell(ToClient.Builder message) {
        connection.writeMessage(LinkFrame.encode(message.build()));
    }

    /** The batch with its tags as the client wants them. */
    private byte[] inForm(Item.Batch batch) {
        if (start.getTags() == Tags.AS_ACCEPTED) {
            return batch.bytes();
        }
        if (formed != batch.index()) {
            TagForm form = new TagForm(start.getTags() == Tags.PREFERRED);
            ByteSink out = new ByteSink(LARGEST_BATCH);
            BatchCursor cursor = new BatchCursor(false).over(batch.bytes(), 0, batch.bytes().length);
            while (cursor.next()) {
                form.render(batch.bytes(), cursor.envelopeStart(), cursor.envelopeEnd(), out);
            }
            formed = batch.index();
            formedBytes = Arrays.copyOf(out.bytes(), out.end());
        }
        return formedBytes;
    }

    /** Credit is unsigned; what nobody can use up is no limit. */
    private static long bounded(long unsigned) {
        return unsigned < 0 ? Long.MAX_VALUE : unsigned;
    }

    static long sum(long credit, long more) {
        return more > Long.MAX_VALUE - credit ? Long.MAX_VALUE : credit + more;
    }
}
