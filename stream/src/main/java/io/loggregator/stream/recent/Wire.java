package io.loggregator.stream.recent;

/**
 * Reads protobuf fields from bytes that may be anything. Every {@code after…} answers the position behind what it read,
 * or -1 if that is malformed or goes beyond the end.
 */
final class Wire {
    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH_DELIMITED = 2;
    static final int START_GROUP = 3;
    static final int END_GROUP = 4;
    static final int FIXED32 = 5;

    private static final int MAX_VARINT = 10;
    /** As deep as protobuf's own parsers go. */
    private static final int MAX_GROUP_DEPTH = 100;

    private Wire() {}

    static int afterVarint(byte[] bytes, int from, int to) {
        int limit = to - from > MAX_VARINT ? from + MAX_VARINT : to;
        for (int at = from; at < limit; at++) {
            if (bytes[at] >= 0) {
                return at + 1;
            }
        }
        return -1;
    }

    /** The value of a varint that is known to be sound. */
    static long varint(byte[] bytes, int from) {
        long value = 0;
        int at = from;
        for (int shift = 0; ; shift += 7) {
            byte part = bytes[at++];
            value |= (long) (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }

    /** A tag (field number and wire type) that is known to be a sound varint; protobuf reads its lower 32 bits. */
    static int tag(byte[] bytes, int from) {
        return (int) varint(bytes, from);
    }

    /** Where the content of a sound length-delimited field begins, given from its tag. */
    static int contentOf(byte[] bytes, int from, int to) {
        return afterVarint(bytes, afterVarint(bytes, from, to), to);
    }

    /** Reads a field with its tag; groups are read to their end. */
    static int afterField(byte[] bytes, int from, int to) {
        int depth = 0;
        int at = from;
        do {
            int content = afterVarint(bytes, at, to);
            if (content < 0) {
                return -1;
            }
            int tag = tag(bytes, at);
            if (tag >>> 3 == 0) {
                return -1;
            }
            switch (tag & 7) {
                case VARINT -> at = afterVarint(bytes, content, to);
                case FIXED64 -> at = after(content, Long.BYTES, to);
                case FIXED32 -> at = after(content, Integer.BYTES, to);
                case LENGTH_DELIMITED -> at = afterDelimited(bytes, content, to);
                case START_GROUP -> {
                    depth++;
                    at = depth > MAX_GROUP_DEPTH ? -1 : content;
                }
                case END_GROUP -> {
                    depth--;
                    at = depth < 0 ? -1 : content;
                }
                default -> at = -1;
            }
            if (at < 0) {
                return -1;
            }
        } while (depth > 0);
        return at;
    }

    /** The little-endian double at a position. */
    static double float64(byte[] bytes, int at) {
        long bits = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            bits = (bits << Byte.SIZE) | (bytes[at + i] & 0xFF);
        }
        return Double.longBitsToDouble(bits);
    }

    private static int afterDelimited(byte[] bytes, int from, int to) {
        int content = afterVarint(bytes, from, to);
        if (content < 0) {
            return -1;
        }
        long length = varint(bytes, from);
        return length < 0 || length > to - content ? -1 : content + (int) length;
    }

    private static int after(int from, int length, int to) {
        return to - from < length ? -1 : from + length;
    }
}
