package io.loggregator.nozzle;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ProtoBytes;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;

/**
 * One envelope of the stream, in the form of Loggregator's second API ({@code loggregator.v2.Envelope}), whichever the
 * server speaks. It is a view of the bytes that were received and reads what it is asked for; nothing of it changes, and
 * it can be kept and read by any thread. While it is kept, so are the bytes of its batch. {@link #copy()} is free of them.
 */
public abstract sealed class Envelope permits Log, Counter, Gauge, Timer, Event, Unknown {
    final byte[] bytes;
    final int messageStart;
    final int messageEnd;
    private final int from;
    private final int to;
    private final int sourceIdStart;
    private final int sourceIdEnd;
    private final int instanceIdStart;
    private final int instanceIdEnd;
    private final long timestamp;

    Envelope(BatchCursor at) {
        bytes = at.bytes();
        messageStart = at.messageStart();
        messageEnd = at.messageEnd();
        from = at.envelopeStart();
        to = at.envelopeEnd();
        sourceIdStart = at.sourceIdStart();
        sourceIdEnd = at.sourceIdEnd();
        instanceIdStart = at.instanceIdStart();
        instanceIdEnd = at.instanceIdEnd();
        timestamp = at.timestamp();
    }

    /** The envelope that the cursor stands at. */
    static Envelope at(BatchCursor cursor) {
        return switch (cursor.kind()) {
            case BatchCursor.LOG -> new Log(cursor);
            case BatchCursor.COUNTER -> new Counter(cursor);
            case BatchCursor.GAUGE -> new Gauge(cursor);
            case BatchCursor.TIMER -> new Timer(cursor);
            case BatchCursor.EVENT -> new Event(cursor);
            default -> new Unknown(cursor);
        };
    }

    /** When it was made, nanoseconds since the Unix epoch, as its sender says: any number. */
    public final long timestampNanos() {
        return timestamp;
    }

    /** {@link #timestampNanos()} as an instant. */
    public final Instant timestamp() {
        return Instant.ofEpochSecond(
                Math.floorDiv(timestamp, 1_000_000_000L), Math.floorMod(timestamp, 1_000_000_000L));
    }

    /** Whose it is: an app's guid, or the name of a component; may be empty. */
    public final String sourceId() {
        return Texts.of(bytes, sourceIdStart, sourceIdEnd);
    }

    /** Which instance of the source it is from, {@code 0} for an app's first; may be empty. */
    public final String instanceId() {
        return Texts.of(bytes, instanceIdStart, instanceIdEnd);
    }

    /**
     * The tags as texts, those of the older form included ({@code deprecated_tags}, whose numbers are written as the Go
     * release writes them). Where a key is in both, the newer form counts. Made anew by every call; it cannot be changed.
     */
    public final Map<String, String> tags() {
        return new TagReader(bytes, from, to).all();
    }

    /** The tag's value, as in {@link #tags()}, or null if there is none. Cheaper than making the map. */
    public final String tag(String name) {
        return new TagReader(bytes, from, to).value(name);
    }

    /** The encoded {@code loggregator.v2.Envelope}, read-only. */
    public final ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes, from, to - from).slice().asReadOnlyBuffer();
    }

    /** How many bytes {@link #bytes()} are. */
    public final int size() {
        return to - from;
    }

    /** The same envelope over bytes of its own, for those who keep few envelopes of many. */
    public final Envelope copy() {
        byte[] batch = Batch.of(bytes, from, to);
        BatchCursor cursor = new BatchCursor(false).over(batch, 0, batch.length);
        if (!cursor.next()) {
            throw new AssertionError("an envelope that was read cannot be read again");
        }
        return at(cursor);
    }

    /** The text in a field of what it is an envelope of; empty if it is absent. */
    final String text(int field) {
        long text = Fields.span(bytes, messageStart, messageEnd, field);
        return Texts.anew(bytes, ProtoBytes.high(text), ProtoBytes.low(text));
    }

    /** For people: kind, source, instance and time. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + sourceId() + "/" + instanceId() + " " + timestamp() + "]";
    }
}
