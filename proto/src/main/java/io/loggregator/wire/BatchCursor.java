package io.loggregator.wire;

import java.util.Objects;

/**
 * Walks the envelopes of a {@code loggregator.v2.EnvelopeBatch} where its bytes lie, without making an object for any
 * of them. A strict cursor checks everything inside each envelope, for bytes that come from outside; the other one
 * reads only what its accessors need. Neither ever reads outside the range it was given.
 *
 * <pre>{@code
 * cursor.over(bytes, from, to);
 * while (cursor.next()) { if (cursor.valid()) ... }
 * if (!cursor.sound()) ...
 * }</pre>
 *
 * <p>All offsets are into {@link #bytes()}. What is told of an invalid envelope, apart from its borders, means
 * nothing. Where a field occurs more than once its last occurrence is told, as protobuf reads scalars and oneofs; an
 * envelope whose message occurs in several pieces, which protobuf would merge, shows the last piece.
 *
 * <p>Not thread-safe; one cursor serves any number of batches.
 */
public final class BatchCursor {
    public static final int NONE = 0;
    public static final int LOG = 1;
    public static final int COUNTER = 2;
    public static final int GAUGE = 3;
    public static final int TIMER = 4;
    public static final int EVENT = 5;

    private static final int BATCH_FIELD = 1;
    private static final int BATCH_TAG = BATCH_FIELD << 3 | ProtoBytes.DELIMITED;
    private static final byte[] NOTHING = {};

    private final boolean strict;
    private final ErrorTag errorTag = new ErrorTag();

    private byte[] bytes = NOTHING;
    private int position;
    private int limit;
    private boolean sound = true;

    private int recordStart;
    private int envelopeStart;
    private int envelopeEnd;
    private boolean valid;
    private int timestampAt;
    private int timestampNext;
    private int sourceIdStart;
    private int sourceIdEnd;
    private int sourceIdHash;
    private boolean hashed;
    private int instanceIdStart;
    private int instanceIdEnd;
    private int kind;
    private int messageStart;
    private int messageEnd;
    private int tagsFrom;

    /**
     * @param strict whether {@link #valid()} vouches for everything inside an envelope; otherwise only for the fields
     *     of the envelope itself
     */
    public BatchCursor(boolean strict) {
        this.strict = strict;
    }

    /**
     * Starts before the first envelope of {@code bytes[from, to)}. The bytes are not copied and must not change while
     * the cursor reads them.
     *
     * @throws IndexOutOfBoundsException if the range does not lie in the array
     */
    public BatchCursor over(byte[] bytes, int from, int to) {
        Objects.checkFromToIndex(from, to, bytes.length);
        this.bytes = bytes;
        this.position = from;
        this.limit = to;
        this.sound = true;
        return this;
    }

    /** Moves to the next envelope. False at the end of the range, or where what comes next cannot be framed. */
    public boolean next() {
        byte[] b = bytes;
        int p = position;
        while (p < limit) {
            int start = p;
            long tag = ProtoBytes.tag(b, p, limit);
            if (tag < 0) {
                return broken();
            }
            int number = ProtoBytes.low(tag);
            p = ProtoBytes.high(tag);
            if (number == BATCH_TAG) {
                long span = ProtoBytes.span(b, p, limit);
                if (span < 0) {
                    return broken();
                }
                recordStart = start;
                envelopeStart = ProtoBytes.high(span);
                envelopeEnd = ProtoBytes.low(span);
                position = envelopeEnd;
                clear(envelopeStart);
                valid = strict ? check(b, envelopeStart, envelopeEnd) : glance(b, envelopeStart, envelopeEnd);
                return true;
            }
            p = number >>> 3 == BATCH_FIELD ? ProtoBytes.UNSOUND : ProtoBytes.skip(b, p, limit, number, 0);
            if (p < 0) {
                return broken();
            }
        }
        position = limit;
        return false;
    }

    private boolean broken() {
        sound = false;
        position = limit;
        return false;
    }

    private void clear(int at) {
        timestampAt = at;
        timestampNext = at;
        sourceIdStart = at;
        sourceIdEnd = at;
        hashed = false;
        instanceIdStart = at;
        instanceIdEnd = at;
        kind = NONE;
        messageStart = at;
        messageEnd = at;
        tagsFrom = -1;
    }

    // The lenient walk: where the fields lie, and nothing of what is in them.
    private boolean glance(byte[] b, int from, int to) {
        int p = from;
        while (p < to) {
            int start = p;
            int number = b[p++];
            if (number <= 7) {
                long tag = ProtoBytes.tag(b, start, to);
                if (tag < 0) {
                    return false;
                }
                number = ProtoBytes.low(tag);
                p = ProtoBytes.high(tag);
            }
            if ((number & 7) != ProtoBytes.DELIMITED) {
                p = undelimited(b, number, p, to);
                if (p < 0) {
                    return false;
                }
                continue;
            }
            int value = p + 1;
            int length;
            if (p < to && (length = b[p]) >= 0 && length <= to - value) {
                p = value + length;
            } else {
                long span = ProtoBytes.span(b, p, to);
                if (span < 0) {
                    return false;
                }
                value = ProtoBytes.high(span);
                p = ProtoBytes.low(span);
            }
            if (number == EnvelopeFields.TAGS || number == EnvelopeFields.DEPRECATED_TAGS) {
                // isV1Log looks at the tags when it is asked.
                tagsFrom = tagsFrom < 0 ? start : tagsFrom;
            } else if (number == EnvelopeFields.SOURCE_ID) {
                sourceIdStart = value;
                sourceIdEnd = p;
            } else if (number == EnvelopeFields.INSTANCE_ID) {
                instanceIdStart = value;
                instanceIdEnd = p;
            } else {
                int found = kindOf(number);
                if (found != NONE) {
                    message(found, value, p);
                }
            }
        }
        return true;
    }

    private static int kindOf(int number) {
        return switch (number) {
            case EnvelopeFields.LOG -> LOG;
            case EnvelopeFields.COUNTER -> COUNTER;
            case EnvelopeFields.GAUGE -> GAUGE;
            case EnvelopeFields.TIMER -> TIMER;
            case EnvelopeFields.EVENT -> EVENT;
            default -> NONE;
        };
    }

    private int undelimited(byte[] b, int number, int at, int to) {
        // One message deep: readers parse the envelope in its batch.
        int next = ProtoBytes.skip(b, at, to, number, 1);
        if (number == EnvelopeFields.TIMESTAMP && next >= 0) {
            timestampAt = at;
            timestampNext = next;
        }
        return next;
    }

    // The strict walk.
    private boolean check(byte[] b, int from, int to) {
        int p = from;
        while (p < to) {
            int start = p;
            int number = b[p++];
            if (number <= 7) {
                long tag = ProtoBytes.tag(b, start, to);
                if (tag < 0) {
                    return false;
                }
                number = ProtoBytes.low(tag);
                p = ProtoBytes.high(tag);
            }
            if ((number & 7) != ProtoBytes.DELIMITED) {
                p = undelimited(b, number, p, to);
                if (p < 0) {
                    return false;
                }
                continue;
            }
            int value = p + 1;
            int length;
            if (p < to && (length = b[p]) >= 0 && length <= to - value) {
                p = value + length;
            } else {
                long span = ProtoBytes.span(b, p, to);
                if (span < 0) {
                    return false;
                }
                value = ProtoBytes.high(span);
                p = ProtoBytes.low(span);
            }
            if (!checkDelimited(b, number, start, value, p)) {
                return false;
            }
        }
        return true;
    }

    private boolean checkDelimited(byte[] b, int number, int start, int from, int to) {
        switch (number) {
            case EnvelopeFields.TAGS -> {
                noteTag(b, start, from, to);
                return EnvelopeCheck.tag(b, from, to);
            }
            case EnvelopeFields.DEPRECATED_TAGS -> {
                noteTag(b, start, from, to);
                return EnvelopeCheck.deprecatedTag(b, from, to);
            }
            case EnvelopeFields.SOURCE_ID -> {
                sourceIdStart = from;
                sourceIdEnd = to;
                return Utf8.valid(b, from, to);
            }
            case EnvelopeFields.INSTANCE_ID -> {
                instanceIdStart = from;
                instanceIdEnd = to;
                return Utf8.valid(b, from, to);
            }
            case EnvelopeFields.LOG -> {
                message(LOG, from, to);
                return EnvelopeCheck.log(b, from, to);
            }
            case EnvelopeFields.COUNTER -> {
                message(COUNTER, from, to);
                return EnvelopeCheck.counter(b, from, to);
            }
            case EnvelopeFields.GAUGE -> {
                message(GAUGE, from, to);
                return EnvelopeCheck.gauge(b, from, to);
            }
            case EnvelopeFields.TIMER -> {
                message(TIMER, from, to);
                return EnvelopeCheck.timer(b, from, to);
            }
            case EnvelopeFields.EVENT -> {
                message(EVENT, from, to);
                return EnvelopeCheck.event(b, from, to);
            }
            default -> {
                return true;
            }
        }
    }

    // Remembers where the first tag lies that isV1Log has to look at.
    private void noteTag(byte[] b, int start, int from, int to) {
        if (tagsFrom < 0 && ErrorTag.possible(b, from, to)) {
            tagsFrom = start;
        }
    }

    private void message(int kind, int from, int to) {
        this.kind = kind;
        messageStart = from;
        messageEnd = to;
    }

    /** After {@link #next()} was false: whether the whole range was soundly framed. */
    public boolean sound() {
        return sound;
    }

    /**
     * Whether the current envelope is well-formed. Strict: a proto3 parser accepts its bytes. Otherwise: its own
     * fields are sound, whatever lies inside them.
     */
    public boolean valid() {
        return valid;
    }

    public byte[] bytes() {
        return bytes;
    }

    /** Where the record of the current envelope starts: the batch's tag, length and envelope are a batch themselves. */
    public int recordStart() {
        return recordStart;
    }

    /** Where the bytes of the envelope itself start. */
    public int envelopeStart() {
        return envelopeStart;
    }

    /** Behind the last byte of the envelope and of its record. */
    public int envelopeEnd() {
        return envelopeEnd;
    }

    public int sourceIdStart() {
        return sourceIdStart;
    }

    /** Equal to {@link #sourceIdStart()} if the source id is empty. */
    public int sourceIdEnd() {
        return sourceIdEnd;
    }

    /** {@link #hash} of the source id. */
    public int sourceIdHash() {
        if (!hashed) {
            sourceIdHash = hash(bytes, sourceIdStart, sourceIdEnd);
            hashed = true;
        }
        return sourceIdHash;
    }

    /**
     * A hash of the bytes, all 32 bits of it well mixed. The same for the same bytes within one run of the process
     * only.
     */
    public static int hash(byte[] bytes, int from, int to) {
        return SourceHash.of(bytes, from, to);
    }

    public int instanceIdStart() {
        return instanceIdStart;
    }

    /** Equal to {@link #instanceIdStart()} if the instance id is empty. */
    public int instanceIdEnd() {
        return instanceIdEnd;
    }

    /** Nanoseconds since the Unix epoch, as the envelope says; any 64-bit number. */
    public long timestamp() {
        return ProtoBytes.varint(bytes, timestampAt, timestampNext);
    }

    /** {@link #LOG}, {@link #COUNTER}, {@link #GAUGE}, {@link #TIMER}, {@link #EVENT}, or {@link #NONE}. */
    public int kind() {
        return kind;
    }

    /** Where the bytes of the log, counter, gauge, timer or event start. */
    public int messageStart() {
        return messageStart;
    }

    public int messageEnd() {
        return messageEnd;
    }

    /** Whether v1 readers know this envelope as a LogMessage: a log that does not stand for a v1 Error. */
    public boolean isV1Log() {
        return kind == LOG && (tagsFrom < 0 || !errorTag.in(bytes, tagsFrom, envelopeEnd));
    }
}
