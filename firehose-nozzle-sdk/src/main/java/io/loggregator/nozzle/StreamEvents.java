package io.loggregator.nozzle;

import io.loggregator.nozzle.websocket.EventStream;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.ProtoBytes;
import java.io.EOFException;
import java.io.IOException;

/**
 * {@code /v2/read}, the events of the gateway: a batch as JSON in each, which becomes a batch of bytes. What was handled is
 * told only by the id that the next request names, and only for an app's stream, as those who share have none. While the
 * buffer is full nothing is read.
 */
final class StreamEvents implements Protocol {
    private static final int RECORD = 1 << 3 | ProtoBytes.DELIMITED;

    private final EventStream events;
    private final Options options;
    private final Inbox inbox;
    private final ArrayPool pool;
    private volatile boolean finished;
    /** Whether the next request can name where to go on. */
    private volatile boolean resumable;

    // The reader's own.
    private final BatchJson json = new BatchJson();
    private final ByteSink batch = new ByteSink(2 * Connection.LARGEST_MESSAGE);
    private final BatchCursor cursor = new BatchCursor(true);
    private final LossNotices losses = new LossNotices();
    private int count;

    /** @param resume the id that was asked for; empty: none */
    StreamEvents(EventStream events, Options options, String resume, Inbox inbox, ArrayPool pool) {
        this.events = events;
        this.options = options;
        this.resumable = !resume.isEmpty();
        this.inbox = inbox;
        this.pool = pool;
    }

    @Override
    public void start() {
        // All is said by the request.
    }

    @Override
    public void received(byte[] message, int length) throws IOException, InterruptedException {
        try {
            switch (events.type()) {
                case "" -> batch(message, length);
                case "closing" -> {
                    finished = true;
                    throw new EOFException("the time that the server gives a stream is over");
                }
                default -> {
                    // A heartbeat, or newer than this library.
                }
            }
        } finally {
            pool.giveBack(message);
        }
    }

    private void batch(byte[] message, int length) throws InterruptedException {
        begin();
        try {
            json.read(message, length, this::take);
        } catch (IOException e) {
            throw new ProtocolException("an event that is no batch of envelopes: " + e.getMessage());
        }
        handOn(null, events.id());
        // Until there is room nothing is read, so that the server has to wait.
        inbox.awaitRoom(options.buffer());
    }

    private void begin() {
        batch.reset();
        count = 0;
    }

    private void take(byte[] envelope, int length) throws InterruptedException {
        int start = batch.end();
        batch.delimited(RECORD, envelope, 0, length);
        if (batch.full()) {
            throw new ProtocolException("an event of more than " + 2 * Connection.LARGEST_MESSAGE + " bytes");
        }
        cursor.over(batch.bytes(), start, batch.end());
        if (!cursor.next()) {
            throw new AssertionError("an envelope became something that is none");
        }
        LossNotices.Found found = losses.loss(cursor);
        if (found == LossNotices.Found.NONE && Selector.anyTakes(options.selectors(), cursor)) {
            count++;
            return;
        }
        batch.end(start);
        if (found == LossNotices.Found.LAG) {
            inbox.addFirst(new Arrival(losses.lagging()));
        } else if (found == LossNotices.Found.GAP) {
            handOn(losses.gap(), "");
        }
    }

    /**
     * Adds what there is to the inbox, and begins anew.
     *
     * @param gap behind it; null: none
     * @param id where the stream goes on behind all of this; empty: not told
     */
    private void handOn(Gap gap, String id) {
        if (count > 0) {
            byte[] bytes = pool.take(batch.end());
            System.arraycopy(batch.bytes(), 0, bytes, 0, batch.end());
            inbox.add(new Arrival(new Batch(bytes, 0, batch.end(), count, pool), null, 0, id));
        } else if (gap == null && !id.isEmpty()) {
            inbox.add(new Arrival(null, null, 0, id));
        }
        if (gap != null) {
            inbox.add(new Arrival(null, gap, 0, id));
        }
        begin();
    }

    @Override
    public void idle() {
        // Every event was handed on as it came.
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public boolean redelivers() {
        return resumable;
    }

    @Override
    public boolean finished() {
        return finished;
    }

    @Override
    public void handled(Arrival arrival) {
        resumable |= !arrival.position().isEmpty();
    }

    @Override
    public void flush() {
        // Said by the next request.
    }
}
