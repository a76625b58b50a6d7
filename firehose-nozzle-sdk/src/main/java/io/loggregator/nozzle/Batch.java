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

    Batch(byte[] bytes, int from, int to, int size) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
        this.size = size;
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

    /**
     * The encoded {@code loggregator.v2.EnvelopeBatch}, read-only, for those who pass it on. Nothing is copied: it is the
     * received bytes.
     */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes, from, to - from).slice().asReadOnlyBuffer();
    }

    @Override
    public Iterator<Envelope> iterator() {
        BatchCursor cursor = new BatchCursor(false).over(bytes, from, to);
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
        BatchCursor cursor = new BatchCursor(false).over(bytes, from, to);
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
