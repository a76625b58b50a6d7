package io.loggregator.wire.v1;

import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.EnvelopeFields;
import io.loggregator.wire.ProtoBytes;
import io.loggregator.wire.Utf8;

/**
 * Everything a v2 envelope says, read where it lies. Messages that come in several pieces are merged and of a oneof
 * the last message stands, as for every parser. One object serves any number of envelopes.
 */
final class V2Envelope {
    private static final int FIRST_DELIMITED = 1 << 3 | ProtoBytes.DELIMITED;
    private static final int SECOND_VARINT = 2 << 3 | ProtoBytes.VARINT;
    private static final int THIRD_VARINT = 3 << 3 | ProtoBytes.VARINT;

    final TagTable tags;
    final MetricTable metrics;

    byte[] bytes = {};
    long timestamp;
    int sourceIdStart;
    int sourceIdEnd;
    int instanceIdStart;
    int instanceIdEnd;

    /** As in {@link BatchCursor}. */
    int kind;

    /** The payload of a log; the name of a counter or timer. */
    int textStart;

    int textEnd;

    /** The type of a log; the delta of a counter; the start of a timer. */
    long second;

    /** The total of a counter; the stop of a timer. */
    long third;

    /** @param limit bytes that an envelope made from this one has at most */
    V2Envelope(int limit) {
        tags = new TagTable(limit);
        metrics = new MetricTable(limit);
    }

    /** Reads an envelope; false if its bytes are not sound. */
    boolean read(byte[] source, int from, int to) {
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
                p = ProtoBytes.skip(source, p, to, number, 0);
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
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 1);
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
                case SECOND_VARINT -> second = ProtoBytes.varint(bytes, value, p);
                case THIRD_VARINT -> third = ProtoBytes.varint(bytes, value, p);
                default -> {}
            }
        }
        return true;
    }
}
