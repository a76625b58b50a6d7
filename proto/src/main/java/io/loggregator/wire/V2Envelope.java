package io.loggregator.wire;

/**
 * Everything a v2 envelope says, read where it lies. Messages that come in several pieces are merged and of a oneof
 * the last message stands, as for every parser. All offsets are into {@link #bytes()}. One object serves any number of
 * envelopes.
 *
 * @param <T> what the tags are gathered by
 */
public final class V2Envelope<T extends TagEntries> {
    private static final int FIRST_DELIMITED = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int SECOND_DELIMITED = 2 << 3 | ProtoBytes.DELIMITED;
    private static final int SECOND_VARINT = 2 << 3 | ProtoBytes.VARINT;
    private static final int THIRD_VARINT = 3 << 3 | ProtoBytes.VARINT;

    private final T tags;
    private final MetricTable metrics;

    private byte[] bytes = {};
    private long timestamp;
    private int sourceIdStart;
    private int sourceIdEnd;
    private int instanceIdStart;
    private int instanceIdEnd;
    private int kind;
    private int textStart;
    private int textEnd;
    private int bodyStart;
    private int bodyEnd;
    private long second;
    private long third;

    /**
     * @param tags takes the tags
     * @param mostMetrics how many metrics of a gauge are kept
     */
    public V2Envelope(T tags, int mostMetrics) {
        this.tags = tags;
        this.metrics = new MetricTable(mostMetrics);
    }

    /** Reads the envelope {@code source[from, to)}; false if its bytes are not sound. */
    public boolean read(byte[] source, int from, int to) {
        bytes = source;
        timestamp = 0;
        sourceIdStart = from;
        sourceIdEnd = from;
        instanceIdStart = from;
        instanceIdEnd = from;
        clearMessage(BatchCursor.NONE, from);
        tags.reset(source);
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(source, p, to);
            if (tag < 0) {
                return false;
            }
            int number = ProtoBytes.low(tag);
            p = ProtoBytes.high(tag);
            if ((number & 7) == ProtoBytes.DELIMITED) {
                long span = ProtoBytes.span(source, p, to);
                if (span < 0) {
                    return false;
                }
                p = ProtoBytes.low(span);
                if (!delimited(number, ProtoBytes.high(span), p)) {
                    return false;
                }
            } else {
                int value = p;
                p = ProtoBytes.skip(source, p, to, number, 1);
                if (p < 0) {
                    return false;
                }
                if (number == EnvelopeFields.TIMESTAMP) {
                    timestamp = ProtoBytes.varint(source, value, p);
                }
            }
        }
        return true;
    }

    private boolean delimited(int number, int from, int to) {
        return switch (number) {
            case EnvelopeFields.TAGS -> tags.tag(from, to);
            case EnvelopeFields.DEPRECATED_TAGS -> tags.deprecatedTag(from, to);
            case EnvelopeFields.SOURCE_ID -> {
                sourceIdStart = from;
                sourceIdEnd = to;
                yield Utf8.valid(bytes, from, to);
            }
            case EnvelopeFields.INSTANCE_ID -> {
                instanceIdStart = from;
                instanceIdEnd = to;
                yield Utf8.valid(bytes, from, to);
            }
            case EnvelopeFields.LOG -> message(BatchCursor.LOG, from, to);
            case EnvelopeFields.COUNTER -> message(BatchCursor.COUNTER, from, to);
            case EnvelopeFields.GAUGE -> message(BatchCursor.GAUGE, from, to);
            case EnvelopeFields.TIMER -> message(BatchCursor.TIMER, from, to);
            case EnvelopeFields.EVENT -> message(BatchCursor.EVENT, from, to);
            default -> true;
        };
    }

    private void clearMessage(int newKind, int at) {
        kind = newKind;
        textStart = at;
        textEnd = at;
        bodyStart = at;
        bodyEnd = at;
        second = 0;
        third = 0;
        if (newKind == BatchCursor.GAUGE) {
            metrics.reset(bytes);
        }
    }

    private boolean message(int newKind, int from, int to) {
        if (newKind != kind) {
            clearMessage(newKind, from);
        }
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 2);
            if (p < 0) {
                return false;
            }
            switch (ProtoBytes.low(tag)) {
                case FIRST_DELIMITED -> {
                    int start = ProtoBytes.high(ProtoBytes.span(bytes, value, to));
                    if (newKind == BatchCursor.GAUGE) {
                        if (!metrics.metric(start, p)) {
                            return false;
                        }
                    } else {
                        textStart = start;
                        textEnd = p;
                        // A log's payload may be anything.
                        if (newKind != BatchCursor.LOG && !Utf8.valid(bytes, start, p)) {
                            return false;
                        }
                    }
                }
                case SECOND_DELIMITED -> {
                    if (newKind == BatchCursor.EVENT) {
                        bodyStart = ProtoBytes.high(ProtoBytes.span(bytes, value, to));
                        bodyEnd = p;
                        if (!Utf8.valid(bytes, bodyStart, p)) {
                            return false;
                        }
                    }
                }
                case SECOND_VARINT -> second = ProtoBytes.varint(bytes, value, p);
                case THIRD_VARINT -> third = ProtoBytes.varint(bytes, value, p);
                default -> {}
            }
        }
        return true;
    }

    /** The array that was read. */
    public byte[] bytes() {
        return bytes;
    }

    public T tags() {
        return tags;
    }

    /** The metrics, if the kind is {@link BatchCursor#GAUGE}. */
    public MetricTable metrics() {
        return metrics;
    }

    /** Nanoseconds since the Unix epoch, as the envelope says; any 64-bit number. */
    public long timestamp() {
        return timestamp;
    }

    public int sourceIdStart() {
        return sourceIdStart;
    }

    public int sourceIdEnd() {
        return sourceIdEnd;
    }

    public int instanceIdStart() {
        return instanceIdStart;
    }

    public int instanceIdEnd() {
        return instanceIdEnd;
    }

    /** As in {@link BatchCursor#kind()}. */
    public int kind() {
        return kind;
    }

    /** Where the payload of a log, the name of a counter or timer, or the title of an event starts. */
    public int textStart() {
        return textStart;
    }

    public int textEnd() {
        return textEnd;
    }

    /** Where the body of an event starts. */
    public int bodyStart() {
        return bodyStart;
    }

    public int bodyEnd() {
        return bodyEnd;
    }

    /** The type of a log, in the lower 32 bits; the delta of a counter; the start of a timer. */
    public long second() {
        return second;
    }

    /** The total of a counter; the stop of a timer. */
    public long third() {
        return third;
    }
}
