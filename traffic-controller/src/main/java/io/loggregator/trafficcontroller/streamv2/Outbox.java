package io.loggregator.trafficcontroller.streamv2;

import io.loggregator.stream.Tally;
import io.loggregator.streaming.v2.Batch;
import io.loggregator.streaming.v2.Gap;
import io.loggregator.streaming.v2.ToClient;
import io.loggregator.trafficcontroller.fanout.ClientSocket;
import io.loggregator.trafficcontroller.subscription.Loss;
import io.loggregator.trafficcontroller.subscription.Piece;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * What is to be sent to one client, as far as its credit and its socket go. What waits here for credit is what one turn
 * brought at most, and not much more than {@link #ENOUGH_BYTES}.
 */
final class Outbox {
    /** Batches are joined up to this size; a larger piece is one of its own. */
    private static final int JOINED_BYTES = 256 << 10;
    /** While this waits, no more is taken. */
    private static final int ENOUGH_BYTES = 128 << 10;

    private final ClientSocket socket;
    private final Credit credit;
    private final Unacknowledged unacknowledged;
    private final Supplier<String> position;
    private final Tally written;
    private final ArrayDeque<Item> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean withoutCredit;

    /** Envelopes, or word of a loss; the other is null. */
    private record Item(Piece piece, Loss loss) {
        int bytes() {
            return piece == null ? 0 : piece.bytes().readableBytes();
        }
    }

    /**
     * @param position where the client is when it has everything; asked with the last of what waits, to send it along
     * @param written counts envelopes
     */
    Outbox(
            ClientSocket socket,
            Credit credit,
            Unacknowledged unacknowledged,
            Supplier<String> position,
            Tally written) {
        this.socket = socket;
        this.credit = credit;
        this.unacknowledged = unacknowledged;
        this.position = position;
        this.written = written;
    }

    /** Takes over the piece's bytes. */
    void add(Piece piece) {
        waiting.add(new Item(piece, null));
        waitingBytes += piece.bytes().readableBytes();
    }

    void add(Loss loss) {
        waiting.add(new Item(null, loss));
    }

    /** Whether it can take more. One piece it takes without credit: only if there is one, the client is waited for. */
    boolean hasRoom() {
        return !withoutCredit && waitingBytes < ENOUGH_BYTES && socket.writable();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    long bytes() {
        return waitingBytes;
    }

    /**
     * Writes what it may.
     *
     * @return the mark up to which everything has arrived because nothing was left of it to send; 0: as before
     */
    long send() {
        withoutCredit = false;
        long arrived = 0;
        while (!waiting.isEmpty() && socket.writable()) {
            Item first = waiting.peek();
            if (first.loss != null) {
                waiting.poll();
                send(first.loss);
            } else if (first.piece.envelopes() == 0) {
                waiting.poll();
                first.piece.bytes().release();
                arrived = Math.max(arrived, unacknowledged.skip(first.piece.mark()));
            } else if (credit.covers(first.bytes())) {
                sendBatch();
            } else {
                withoutCredit = true;
                break;
            }
        }
        return arrived;
    }

    private void send(Loss loss) {
        Gap.Builder gap = Gap.newBuilder()
                .setMark(loss.mark())
                .setCount(loss.count())
                .setTotal(loss.total())
                .setFirstMillis(loss.firstMillis())
                .setLastMillis(loss.lastMillis())
                .setReason(loss.reason());
        if (waiting.isEmpty()) {
            gap.setPosition(position.get());
        }
        unacknowledged.sent(loss.mark(), 0);
        send(ToClient.newBuilder().setGap(gap).build());
    }

    /** Sends a message without batch bytes, now, whether there is credit or not. */
    void send(ToClient message) {
        socket.write(Frames.head(PooledByteBufAllocator.DEFAULT, message, 0));
    }

    /** Sends such a message at once, and not as something that the client is given. */
    void tell(ToClient message) {
        socket.tell(Frames.head(PooledByteBufAllocator.DEFAULT, message, 0));
    }

    /** Joins the pieces that come first to one message. */
    private void sendBatch() {
        ArrayDeque<ByteBuf> joined = new ArrayDeque<>(4);
        int size = 0;
        long mark = 0;
        int envelopes = 0;
        Item next = waiting.peek();
        do {
            waiting.poll();
            Piece piece = next.piece;
            mark = piece.mark();
            envelopes += piece.envelopes();
            size += next.bytes();
            joined.add(piece.bytes());
            next = waiting.peek();
        } while (next != null
                && next.piece != null
                && size + next.bytes() <= JOINED_BYTES
                && (long) size + next.bytes() <= credit.left());
        waitingBytes -= size;
        credit.use(size);
        unacknowledged.sent(mark, size);
        written.add(envelopes);
        Batch.Builder batch = Batch.newBuilder().setMark(mark).setEnvelopes(envelopes);
        if (waiting.isEmpty()) {
            batch.setPosition(position.get());
        }
        ToClient header = ToClient.newBuilder().setBatch(batch).build();
        socket.write(Frames.head(PooledByteBufAllocator.DEFAULT, header, size));
        for (ByteBuf bytes : joined) {
            socket.write(bytes);
        }
    }

    /** Forgets what waits. */
    void clear() {
        for (Item item : waiting) {
            if (item.piece != null) {
                item.piece.bytes().release();
            }
        }
        waiting.clear();
        waitingBytes = 0;
    }
}
