package io.loggregator.wire;

/**
 * Whether the messages inside a v2 envelope are what a proto3 parser accepts: sound fields, strings in UTF-8. A
 * field of a known number with another wire type is an unknown field, as for every parser. Depths count from the batch.
 */
final class EnvelopeCheck {
    private static final int KEY = 0x0A;
    private static final int ENTRY_VALUE = 0x12;

    // The numbers of a message's string fields, as bits.
    private static final int NO_TEXT = 0;
    private static final int FIRST = 1 << 1;
    private static final int FIRST_AND_SECOND = 1 << 1 | 1 << 2;

    private EnvelopeCheck() {}

    /** An entry of {@code tags}. */
    static boolean tag(byte[] b, int at, int end) {
        // Tags and lengths below 128 are ASCII themselves: one look tells that key and value are too.
        return (plainEntry(b, at, end) && Utf8.ascii(b, at, end)) || fields(b, at, end, FIRST_AND_SECOND, 2);
    }

    /** An entry of {@code deprecated_tags}. */
    static boolean deprecatedTag(byte[] b, int at, int end) {
        return messageEntry(b, at, end, 2);
    }

    static boolean log(byte[] b, int at, int end) {
        return fields(b, at, end, NO_TEXT, 2);
    }

    static boolean counter(byte[] b, int at, int end) {
        return fields(b, at, end, FIRST, 2);
    }

    static boolean timer(byte[] b, int at, int end) {
        return fields(b, at, end, FIRST, 2);
    }

    static boolean event(byte[] b, int at, int end) {
        return fields(b, at, end, FIRST_AND_SECOND, 2);
    }

    static boolean gauge(byte[] b, int at, int end) {
        int p = at;
        while (p < end) {
            long tag = ProtoBytes.tag(b, p, end);
            if (tag < 0) {
                return false;
            }
            p = ProtoBytes.high(tag);
            if (ProtoBytes.low(tag) == KEY) {
                long span = ProtoBytes.span(b, p, end);
                if (span < 0 || !messageEntry(b, ProtoBytes.high(span), ProtoBytes.low(span), 3)) {
                    return false;
                }
                p = ProtoBytes.low(span);
            } else {
                p = ProtoBytes.skip(b, p, end, ProtoBytes.low(tag), 2);
                if (p < 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether an entry is a key and a delimited value in that order, each shorter than 128 bytes, and nothing else. */
    static boolean plainEntry(byte[] b, int at, int end) {
        if (end - at < 4 || b[at] != KEY) {
            return false;
        }
        int keyLength = b[at + 1];
        int value = at + 2 + keyLength;
        return keyLength >= 0 && end - value >= 2 && b[value] == ENTRY_VALUE && b[value + 1] == end - value - 2;
    }

    // A map entry whose value is a message whose first field alone may be a string (Value, GaugeValue).
    private static boolean messageEntry(byte[] b, int at, int end, int depth) {
        int p = at;
        while (p < end) {
            long tag = ProtoBytes.tag(b, p, end);
            if (tag < 0) {
                return false;
            }
            p = ProtoBytes.high(tag);
            int number = ProtoBytes.low(tag);
            if (number == KEY || number == ENTRY_VALUE) {
                long span = ProtoBytes.span(b, p, end);
                if (span < 0) {
                    return false;
                }
                p = ProtoBytes.low(span);
                boolean good = number == KEY
                        ? Utf8.valid(b, ProtoBytes.high(span), p)
                        : fields(b, ProtoBytes.high(span), p, FIRST, depth + 1);
                if (!good) {
                    return false;
                }
            } else {
                p = ProtoBytes.skip(b, p, end, number, depth);
                if (p < 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean fields(byte[] b, int at, int end, int texts, int depth) {
        int p = at;
        while (p < end) {
            long tag = ProtoBytes.tag(b, p, end);
            if (tag < 0) {
                return false;
            }
            p = ProtoBytes.high(tag);
            int number = ProtoBytes.low(tag);
            if ((number & 7) == ProtoBytes.DELIMITED) {
                long span = ProtoBytes.span(b, p, end);
                if (span < 0) {
                    return false;
                }
                p = ProtoBytes.low(span);
                if (number >>> 3 < 32
                        && (texts >>> (number >>> 3) & 1) != 0
                        && !Utf8.valid(b, ProtoBytes.high(span), p)) {
                    return false;
                }
            } else {
                p = ProtoBytes.skip(b, p, end, number, depth);
                if (p < 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
