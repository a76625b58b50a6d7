package io.loggregator.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The protobuf encoding over a byte array: tags, lengths, varints and the skipping of fields, never beyond the end
 * given and without allocation. Two results travel in one {@code long}: the higher half is an offset, the lower half
 * a tag or a second offset; {@link #high} and {@link #low} take them apart. Every function answers a negative number
 * for bytes that are not sound.
 *
 * <p>A varint has at most ten bytes and fits 64 bits; a tag or a length fits 32 bits, in however many bytes. Some
 * parsers drop excess bits silently and some refuse them; refused here, they cannot pass on to a peer that refuses
 * the whole message for them.
 */
public final class ProtoBytes {
    /** Wire types. */
    public static final int VARINT = 0;

    public static final int FIXED64 = 1;
    public static final int DELIMITED = 2;
    public static final int START_GROUP = 3;
    public static final int END_GROUP = 4;
    public static final int FIXED32 = 5;

    /** What every function answers for unsound bytes. */
    public static final int UNSOUND = -1;

    /** Messages and groups inside one another, as protobuf's own parsers limit them. */
    public static final int MAX_DEPTH = 100;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long TOP_BITS = 0x8080808080808080L;

    private ProtoBytes() {}

    public static int high(long pair) {
        return (int) (pair >>> 32);
    }

    public static int low(long pair) {
        return (int) pair;
    }

    private static long pair(int high, int low) {
        return ((long) high << 32) | (low & 0xFFFFFFFFL);
    }

    /** The eight bytes at {@code at}, little-endian; they must lie in the array. */
    public static long long64(byte[] bytes, int at) {
        return (long) LONGS.get(bytes, at);
    }

    /** The four bytes at {@code at}, little-endian; they must lie in the array. */
    public static int int32(byte[] bytes, int at) {
        return (int) INTS.get(bytes, at);
    }

    /** Writes eight bytes little-endian. */
    public static void putLong64(byte[] bytes, int at, long value) {
        LONGS.set(bytes, at, value);
    }

    /** The tag at {@code at}, which is below {@code end}: offset behind it, and the tag. */
    public static long tag(byte[] bytes, int at, int end) {
        int first = bytes[at];
        return first > 7 ? pair(at + 1, first) : longTag(bytes, at, end);
    }

    private static long longTag(byte[] bytes, int at, int end) {
        int next = varintEnd(bytes, at, end);
        if (next < 0) {
            return UNSOUND;
        }
        long tag = varint(bytes, at, next);
        return tag >>> 32 == 0 && tag > 7 ? pair(next, (int) tag) : UNSOUND;
    }

    /** The length at {@code at} and what it measures: offsets of the first byte and behind the last. */
    public static long span(byte[] bytes, int at, int end) {
        if (at < end) {
            int length = bytes[at];
            if (length >= 0) {
                return length < end - at ? pair(at + 1, at + 1 + length) : UNSOUND;
            }
        }
        return longSpan(bytes, at, end);
    }

    private static long longSpan(byte[] bytes, int at, int end) {
        int next = varintEnd(bytes, at, end);
        if (next < 0) {
            return UNSOUND;
        }
        long length = varint(bytes, at, next);
        return length >= 0 && length <= end - next ? pair(next, next + (int) length) : UNSOUND;
    }

    /** The offset behind the varint at {@code at}. */
    public static int varintEnd(byte[] bytes, int at, int end) {
        if (at < end && bytes[at] >= 0) {
            return at + 1;
        }
        int p = at;
        if (end - at >= 8) {
            long stops = ~long64(bytes, at) & TOP_BITS;
            if (stops != 0) {
                return at + (Long.numberOfTrailingZeros(stops) >>> 3) + 1;
            }
            p += 8;
        }
        int last = (int) Math.min(end, at + 10L);
        while (p < last) {
            if (bytes[p++] >= 0) {
                return p - at == 10 && bytes[p - 1] > 1 ? UNSOUND : p;
            }
        }
        return UNSOUND;
    }

    /** The value of the varint at {@code at}, where {@code next} is its {@link #varintEnd}. */
    public static long varint(byte[] bytes, int at, int next) {
        if (next - at >= 8) {
            long w = long64(bytes, at) & ~TOP_BITS;
            w = (w & 0x007F007F007F007FL) | (w & 0x7F007F007F007F00L) >>> 1;
            w = (w & 0x00003FFF00003FFFL) | (w & 0x3FFF00003FFF0000L) >>> 2;
            w = (w & 0x000000000FFFFFFFL) | (w & 0x0FFFFFFF00000000L) >>> 4;
            for (int p = at + 8, shift = 56; p < next; p++, shift += 7) {
                w |= (bytes[p] & 0x7FL) << shift;
            }
            return w;
        }
        long value = 0;
        for (int p = next - 1; p >= at; p--) {
            value = value << 7 | (bytes[p] & 0x7F);
        }
        return value;
    }

    /**
     * The offset behind the value of a field whose tag has been read.
     *
     * @param at behind the tag
     * @param depth how many messages the field lies in, the outermost not counted
     */
    public static int skip(byte[] bytes, int at, int end, int tag, int depth) {
        return switch (tag & 7) {
            case VARINT -> varintEnd(bytes, at, end);
            case FIXED64 -> end - at >= 8 ? at + 8 : UNSOUND;
            case DELIMITED -> spanEnd(bytes, at, end);
            case START_GROUP -> skipGroup(bytes, at, end, tag, depth);
            case FIXED32 -> end - at >= 4 ? at + 4 : UNSOUND;
            default -> UNSOUND;
        };
    }

    private static int spanEnd(byte[] bytes, int at, int end) {
        long span = span(bytes, at, end);
        return span < 0 ? UNSOUND : low(span);
    }

    private static int skipGroup(byte[] bytes, int at, int end, int startTag, int depth) {
        if (depth >= MAX_DEPTH) {
            return UNSOUND;
        }
        int p = at;
        while (p < end) {
            long tag = tag(bytes, p, end);
            if (tag < 0) {
                return UNSOUND;
            }
            p = high(tag);
            if ((low(tag) & 7) == END_GROUP) {
                return low(tag) == startTag + 1 ? p : UNSOUND;
            }
            p = skip(bytes, p, end, low(tag), depth + 1);
            if (p < 0) {
                return UNSOUND;
            }
        }
        return UNSOUND;
    }
}
