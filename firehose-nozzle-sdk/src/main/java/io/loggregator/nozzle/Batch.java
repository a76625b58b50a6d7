package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ByteSink;
import io.loggregator.wire.ProtoBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;

/**
 * Envelopes that came together, in the order in which they came. Its bytes have been checked when it is handed out: they
 * are a sound {@code loggregator.v2.EnvelopeBatch}.
 */
public final class Batch implements Iterable<Envelope> {
    private static final int RECORD = 1 << 3 | ProtoBytes.DELIMITED;

    private final byte[] bytes;
    private final int from;
    private final int to;
    private final int size;
    private final ArrayPool pool;
    private long newest;
    private volatile boolean kept;
    private volatile boolean released;

    /** @param pool where the array goes when the batch has been handled; null: nowhere */
    Batch(byte[] bytes, int from, int to, int size, ArrayPool pool) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.size = size;
        this.pool = pool;
    }

    /** Whether the bytes are a sound batch of as many envelopes as was said, one at least. */
    boolean sound(BatchCursor strict) {
        strict.over(bytes, from, to);
        int count = 0;
        while (strict.next()) {
            if (!strict.valid()) {
                return false;
            }
            newest = strict.timestamp();
            count++;
        }
        return strict.sound() && count == size && count > 0;
    }

    /** The timestamp of its last envelope, nanoseconds since the Unix epoch. After {@link #sound}. */
    long newestTimestamp() {
        return newest;
    }

    /** Has been handled. Where no envelope was read its memory is used again. */
    void release() {
        released = true;
        if (pool != null && !kept) {
            pool.giveBack(bytes);
        }
    }

    private BatchCursor open() {
        if (released && !kept) {
            throw new IllegalStateException("the batch has been handled, and its memory used again");
        }
        kept = true;
        return new BatchCursor(false).over(bytes, from, to);
    }

    /**
     * A batch of one's own, for tests of handlers.
     *
     * @param bytes an encoded {@code loggregator.v2.EnvelopeBatch}, which must not change any more
     * @throws IllegalArgumentException it is none, or empty
     */
    public static Batch of(byte[] bytes) {
        BatchCursor cursor = new BatchCursor(true).over(bytes, 0, bytes.length);
        int size = 0;
        while (cursor.next()) {
            size++;
        }
        Batch batch = new Batch(bytes, 0, bytes.length, size, null);
        if (!batch.sound(cursor)) {
            throw new IllegalArgumentException("not a batch of envelopes, or an empty one");
        }
        return batch;
    }

    /** A batch's bytes, of the one envelope that is {@code bytes[from, to)}. */
    static byte[] of(byte[] bytes, int from, int to) {
        ByteSink sink = new ByteSink(to - from + 16, to - from + 16);
        sink.delimited(RECORD, bytes, from, to);
        return Arrays.copyOf(sink.bytes(), sink.end());
    }

    /** How many envelopes there are, 1 and more. */
    public int size() {
        return size;
    }

    /** How many bytes {@link #bytes()} are. */
    public int byteSize() {
        return to - from;
    }

    /** How much memory it holds. */
    int held() {
        return bytes.length;
    }

    /**
     * The encoded {@code loggregator.v2.EnvelopeBatch}, read-only, for those who pass it on. Nothing is copied: it is the
     * memory that was received into, which is used again when the handler's stage is complete, unless envelopes of the
     * batch were read. Until then it may be read by any thread; who wants it for longer copies it.
     *
     * @throws IllegalStateException the stage is complete
     */
    public ByteBuffer bytes() {
        if (released && !kept) {
            throw new IllegalStateException("the batch has been handled, and its memory used again");
        }
        return ByteBuffer.wrap(bytes, from, to - from).slice().asReadOnlyBuffer();
    }

    /**
     * Its envelopes. They can be kept as long as one likes, and so can the iterator.
     *
     * @throws IllegalStateException the handler's stage is complete, and no envelope had been read before
     */
    @Override
    public Iterator<Envelope> iterator() {
        BatchCursor cursor = open();
        return new Iterator<>() {
            private boolean some = cursor.next();

            @Override
            public boolean hasNext() {
                return some;
            }

            @Override
            public Envelope next() {
                if (!some) {
                    throw new NoSuchElementException();
                }
                Envelope envelope = Envelope.at(cursor);
                some = cursor.next();
                return envelope;
            }
        };
    }

    @Override
    public void forEach(Consumer<? super Envelope> action) {
        BatchCursor cursor = open();
        while (cursor.next()) {
            action.accept(Envelope.at(cursor));
        }
    }

    /** For people: how much it is. */
    @Override
    public String toString() {
        return "Batch[" + size + " envelopes, " + byteSize() + " bytes]";
    }
}
