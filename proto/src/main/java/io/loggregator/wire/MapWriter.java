package io.loggregator.wire;

/** Writes the entries of a map of texts, as field {@code tag}, either as plain strings or as v2 text values. */
public enum MapWriter {
    /** {@code tags} of a v1 envelope. */
    V1_TAGS(17 << 3 | 2, false),
    /** {@code tags} of a v2 envelope. */
    V2_TAGS(9 << 3 | 2, false),
    /** {@code deprecated_tags} of a v2 envelope. */
    V2_DEPRECATED_TAGS(3 << 3 | 2, true);

    private static final int FIRST = 1 << 3 | 2;
    private static final int SECOND = 2 << 3 | 2;

    private final int tag;
    private final boolean typed;

    MapWriter(int tag, boolean typed) {
        this.tag = tag;
        this.typed = typed;
    }

    /** Writes one entry. */
    public void entry(ByteSink out, byte[] keys, int keyStart, int keyEnd, byte[] values, int start, int end) {
        int key = fieldSize(keyEnd - keyStart);
        int value = fieldSize(end - start);
        if (typed) {
            out.open(tag, key + fieldSize(value));
            out.delimited(FIRST, keys, keyStart, keyEnd);
            out.open(SECOND, value);
            out.delimited(FIRST, values, start, end);
        } else {
            out.open(tag, key + value);
            out.delimited(FIRST, keys, keyStart, keyEnd);
            out.delimited(SECOND, values, start, end);
        }
    }

    /** The size of a delimited field with this many bytes whose tag takes one byte. */
    public static int fieldSize(int length) {
        return length < 128 ? 2 + length : 1 + ByteSink.varintSize(length) + length;
    }
}
