package io.loggregator.wire;

/**
 * One entry of a v2 envelope's {@code tags} or {@code deprecated_tags}, read where it lies. Owned by its reader and
 * used again for the next entry.
 */
public final class TagEntry {
    /** The value is a {@code Value} without data. */
    public static final int NONE = 0;

    public static final int TEXT = 1;
    public static final int INTEGER = 2;
    public static final int DECIMAL = 3;

    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int start;
    private int end;
    private int keyStart;
    private int keyEnd;
    private int type;
    private int textStart;
    private int textEnd;
    private long bits;

    /** Reads an entry of {@code tags}; false if the bytes are not sound. */
    public boolean readTag(byte[] source, int from, int to) {
        return read(source, from, to, false);
    }

    /** Reads an entry of {@code deprecated_tags}; false if the bytes are not sound. */
    public boolean readDeprecatedTag(byte[] source, int from, int to) {
        return read(source, from, to, true);
    }

    private boolean read(byte[] source, int from, int to, boolean typed) {
        bytes = source;
        start = from;
        end = to;
        keyStart = from;
        keyEnd = from;
        type = typed ? NONE : TEXT;
        textStart = from;
        textEnd = from;
        if (!typed && EnvelopeCheck.plainEntry(source, from, to)) {
            keyStart = from + 2;
            keyEnd = keyStart + source[from + 1];
            textStart = keyEnd + 2;
            textEnd = to;
            return true;
        }
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(source, p, to);
            if (tag < 0) {
                return false;
            }
            p = ProtoBytes.high(tag);
            int number = ProtoBytes.low(tag);
            if (number != 0x0A && number != 0x12) {
                p = ProtoBytes.skip(source, p, to, number, 2);
                if (p < 0) {
                    return false;
                }
                continue;
            }
            long span = ProtoBytes.span(source, p, to);
            if (span < 0) {
                return false;
            }
            p = ProtoBytes.low(span);
            if (number == 0x0A) {
                keyStart = ProtoBytes.high(span);
                keyEnd = p;
            } else if (!typed) {
                textStart = ProtoBytes.high(span);
                textEnd = p;
            } else if (!readValue(ProtoBytes.high(span), p)) {
                return false;
            }
        }
        return true;
    }

    // Fields of a repeated value add up, and of a oneof the last one stands, as in every parser.
    private boolean readValue(int from, int to) {
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int value = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, value, to, ProtoBytes.low(tag), 3);
            if (p < 0) {
                return false;
            }
            switch (ProtoBytes.low(tag)) {
                case 0x0A -> {
                    type = TEXT;
                    textStart = ProtoBytes.high(ProtoBytes.span(bytes, value, to));
                    textEnd = p;
                }
                case 0x10 -> {
                    type = INTEGER;
                    bits = ProtoBytes.varint(bytes, value, p);
                }
                case 0x19 -> {
                    type = DECIMAL;
                    bits = ProtoBytes.long64(bytes, value);
                }
                default -> {}
            }
        }
        return true;
    }

    /** Whether key and value are UTF-8, as they have to be. */
    public boolean isUtf8() {
        // Most entries are ASCII altogether, their tags and lengths included.
        return Utf8.ascii(bytes, start, end)
                || (Utf8.valid(bytes, keyStart, keyEnd) && (type != TEXT || Utf8.valid(bytes, textStart, textEnd)));
    }

    public int keyStart() {
        return keyStart;
    }

    public int keyEnd() {
        return keyEnd;
    }

    /** {@link #TEXT} for every entry of {@code tags}; any of the four for {@code deprecated_tags}. */
    public int type() {
        return type;
    }

    /** Where the text lies, if the type is {@link #TEXT}. */
    public int textStart() {
        return textStart;
    }

    public int textEnd() {
        return textEnd;
    }

    /** The value, if the type is {@link #INTEGER}. */
    public long integer() {
        return bits;
    }

    /** The value, if the type is {@link #DECIMAL}. */
    public double decimal() {
        return Double.longBitsToDouble(bits);
    }
}
