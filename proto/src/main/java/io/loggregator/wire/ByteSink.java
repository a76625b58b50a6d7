package io.loggregator.wire;

import java.util.Arrays;
import java.util.Objects;

/**
 * A growing byte array that protobuf fields are written to, up to a limit. What does not fit any more is not written,
 * and the sink says that it is {@link #full()}.
 */
public final class ByteSink {
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 16;
    // A tag and a length, or a tag and a varint.
    private static final int FIELD_HEAD = 15;

    private static final int FIRST = 512;
    private static final int ORDINARY = 1 << 17;

    private final int limit;
    private final int kept;
    private byte[] bytes;
    private int end;
    private boolean full;

    /** @param limit how many bytes the sink takes at most; it may refuse the last few of them */
    public ByteSink(int limit) {
        this(limit, ORDINARY);
    }

    /** @param kept bytes that the sink may go on holding when it is emptied */
    public ByteSink(int limit, int kept) {
        this.limit = (int) Math.min(limit + (long) FIELD_HEAD, LARGEST_ARRAY);
        this.kept = kept;
        this.bytes = new byte[Math.min(this.limit, FIRST)];
    }

    /** The number of bytes that a varint takes: 1 to 10. */
    public static int varintSize(long value) {
        return (70 - Long.numberOfLeadingZeros(value | 1)) / 7;
    }

    /** Writes a varint, for which the array has room, and answers the offset behind it. */
    public static int putVarint(byte[] bytes, int at, long value) {
        if ((value & ~0x7FL) == 0) {
            bytes[at] = (byte) value;
            return at + 1;
        }
        int p = at;
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[p++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[p++] = (byte) rest;
        return p;
    }

    /** Empties the sink; what it had grown to beyond the ordinary is given back. */
    public ByteSink reset() {
        end = 0;
        full = false;
        if (bytes.length > kept) {
            bytes = new byte[FIRST];
        }
        return this;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int end() {
        return end;
    }

    public boolean full() {
        return full;
    }

    /**
     * Makes room for {@code more} bytes behind {@link #end()}, for a caller that writes them into {@link #bytes()} and
     * then moves the {@linkplain #end(int) end}. False: they are above the limit, and the sink is full.
     */
    public boolean room(long more) {
        if (more <= bytes.length - end) {
            return true;
        }
        long wanted = end + more;
        if (full || wanted > limit) {
            full = true;
            return false;
        }
        bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(wanted, 2L * bytes.length)));
        return true;
    }

    /**
     * Sets the end: behind what was written into the array itself, or before what is taken back. A sink that is full
     * stays so.
     */
    public void end(int newEnd) {
        end = Objects.checkIndex(newEnd, bytes.length + 1);
    }

    /** A field whose value is a varint. */
    public ByteSink varint(int tag, long value) {
        if (room(FIELD_HEAD)) {
            end = putVarint(bytes, putVarint(bytes, end, tag), value);
        }
        return this;
    }

    /** A field whose value is a double. */
    public ByteSink real(int tag, double value) {
        if (room(FIELD_HEAD)) {
            int p = putVarint(bytes, end, tag);
            ProtoBytes.putLong64(bytes, p, Double.doubleToRawLongBits(value));
            end = p + 8;
        }
        return this;
    }

    /** A field whose value is {@code source[from, to)}: a string, bytes or a message. */
    public ByteSink delimited(int tag, byte[] source, int from, int to) {
        int length = to - from;
        if (room((long) FIELD_HEAD + length)) {
            int p = putVarint(bytes, putVarint(bytes, end, tag), length);
            System.arraycopy(source, from, bytes, p, length);
            end = p + length;
        }
        return this;
    }

    /** Tag and length of a field whose value, {@code length} bytes, the caller writes next. */
    public ByteSink open(int tag, int length) {
        if (room(FIELD_HEAD)) {
            end = putVarint(bytes, putVarint(bytes, end, tag), length);
        }
        return this;
    }

    /** Bytes as they are. */
    public ByteSink raw(byte[] source, int from, int to) {
        int length = to - from;
        if (room(length)) {
            System.arraycopy(source, from, bytes, end, length);
            end += length;
        }
        return this;
    }

    /** One byte as it is. */
    public ByteSink raw(int value) {
        if (room(1)) {
            bytes[end++] = (byte) value;
        }
        return this;
    }

    /** A number as decimal digits. */
    public ByteSink digits(long value) {
        if (!room(20)) {
            return this;
        }
        int p = end + 20;
        long rest = value;
        // Downwards from the negative, which has room for the smallest number.
        if (rest > 0) {
            rest = -rest;
        }
        do {
            bytes[--p] = (byte) ('0' - rest % 10);
            rest /= 10;
        } while (rest != 0);
        if (value < 0) {
            bytes[--p] = '-';
        }
        int length = end + 20 - p;
        System.arraycopy(bytes, p, bytes, end, length);
        end += length;
        return this;
    }
}
