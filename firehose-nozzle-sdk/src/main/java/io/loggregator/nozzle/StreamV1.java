package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.ProtoBytes;
import io.loggregator.wire.v1.V1ToV2;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first protocol, one marshalled v1 envelope in each message: each is converted, and what has come at once becomes a
 * batch. Nothing is acknowledged but by the Pongs of the WebSocket; while the buffer is full nothing is read.
 */
final class StreamV1 implements Protocol {
    private static final Logger LOG = LoggerFactory.getLogger(StreamV1.class);
    private static final int RECORD = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int ORDINARY = 64 << 10;
    private static final int HEAD = 6;

    private final Options options;
    private final Inbox inbox;
    private final ArrayPool pool;
    private final Tally tally;

    // The reader's own.
    private final V1ToV2 converter = new V1ToV2(Connection.LARGEST_MESSAGE);
    private final ByteSink envelope = new ByteSink(2 * Connection.LARGEST_MESSAGE);
    private final BatchCursor cursor = new BatchCursor(false);
    private final LossNotices losses = new LossNotices();
    private byte[] batch = new byte[ORDINARY];
    private int end;
    private int count;
    private boolean complained;

    StreamV1(Options options, Inbox inbox, ArrayPool pool, Tally tally) {
        this.options = options;
        this.inbox = inbox;
        this.pool = pool;
        this.tally = tally;
    }

    @Override
    public void start() {
        // All is said by the request.
    }

    @Override
    public void received(byte[] message, int length) throws InterruptedException {
        boolean converted = converter.convert(message, 0, length, true, envelope.reset()) && !envelope.full();
        pool.giveBack(message);
        if (converted) {
            take();
        } else {
            tally.malformed.increment();
            if (!complained) {
                complained = true;
                LOG.warn("Left out a message that holds no v1 envelope; further ones of this stream are only counted");
            }
        }
    }

    private void take() throws InterruptedException {
        int size = envelope.end();
        if (batch.length - end < size + HEAD) {
            handOn();
        }
        if (batch.length < size + HEAD) {
            batch = new byte[size + HEAD];
        }
        int start = end;
        end = ByteSink.putVarint(batch, ByteSink.putVarint(batch, end, RECORD), size);
        System.arraycopy(envelope.bytes(), 0, batch, end, size);
        end += size;
        cursor.over(batch, start, end);
        if (!cursor.next()) {
            throw new AssertionError("an envelope was converted to something that is none");
        }
        LossNotices.Found found = losses.loss(cursor);
        if (found == LossNotices.Found.NONE && Selector.anyTakes(options.selectors(), cursor)) {
            count++;
            return;
        }
        end = start;
        if (found == LossNotices.Found.LAG) {
            inbox.addFirst(new Arrival(losses.lagging()));
        } else if (found == LossNotices.Found.GAP) {
            handOn();
            inbox.add(new Arrival(null, losses.gap(), 0, ""));
        }
    }

    private void handOn() throws InterruptedException {
        if (count == 0) {
            return;
        }
        // What comes one by one would else hold an array of the largest size each.
        byte[] bytes = pool.take(end);
        System.arraycopy(batch, 0, bytes, 0, end);
        inbox.add(new Arrival(new Batch(bytes, 0, end, count, pool), null, 0, ""));
        end = 0;
        count = 0;
        if (batch.length > ORDINARY) {
            batch = new byte[ORDINARY];
        }
        // Until there is room nothing is read, so that the server has to wait.
        inbox.awaitRoom(options.buffer());
    }

    @Override
    public void idle() throws InterruptedException {
        handOn();
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public boolean redelivers() {
        return false;
    }

    @Override
    public void handled(Arrival arrival) {
        // The protocol has no word for it.
    }

    @Override
    public void flush() {
        // Nor for this.
    }
}
