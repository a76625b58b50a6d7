package io.loggregator.stream.recent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The memory of a {@link RecentPast}: a fixed number of chunks of {@value #SIZE} bytes, named by ids from 1, which are
 * strung into chains by a next id kept beside them. Everything remembered lives in such chains, so what is in use is
 * known exactly and taking or giving back a chunk is O(1) and creates no garbage. Chunks lie in pages that are
 * allocated when first needed and then kept for reuse.
 */
final class Chunks {
    static final int SIZE = 128;
    static final int NONE = 0;

    private static final int SIZE_SHIFT = 7;
    private static final int PAGE_SHIFT = 9;
    private static final int PAGE_MASK = (1 << PAGE_SHIFT) - 1;
    private static final int PAGE_BYTES = SIZE << PAGE_SHIFT;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[][] pages;
    private final int[] next;
    private final int count;
    private int untouched = 1;
    private int free = NONE;
    private int used;
    private long pageBytes;

    Chunks(int count) {
        this.count = count;
        this.pages = new byte[pageCount(count)][];
        this.next = new int[count + 1];
    }

    /** The most bytes that {@code count} chunks and their bookkeeping ever take. */
    static long footprint(int count) {
        long pages = pageCount(count);
        return Footprint.array((count + 1L) * Integer.BYTES)
                + Footprint.array(pages * Footprint.REFERENCE)
                + (count + 1L) * SIZE
                + pages * Footprint.array(0)
                + Footprint.OBJECT;
    }

    private static int pageCount(int count) {
        return (count >>> PAGE_SHIFT) + 1;
    }

    /** Bytes allocated up to now. */
    long allocated() {
        return Footprint.array((long) next.length * Integer.BYTES)
                + Footprint.array((long) pages.length * Footprint.REFERENCE)
                + pageBytes
                + Footprint.OBJECT;
    }

    /** The part of {@link #allocated} that no chain takes. */
    long reusable() {
        return pageBytes - (long) used * SIZE;
    }

    /** Chunks needed for so many bytes that start at the beginning of a chunk. */
    static int forBytes(long bytes) {
        return Math.toIntExact((bytes + SIZE - 1) >> SIZE_SHIFT);
    }

    int count() {
        return count;
    }

    int used() {
        return used;
    }

    int available() {
        return count - used;
    }

    /** A chunk with unknown content and no next; the caller has made sure that one is available. */
    int take() {
        int id = free;
        if (id != NONE) {
            free = next[id];
            next[id] = NONE;
        } else {
            id = untouched;
            if (id > count) {
                throw new IllegalStateException("no chunk left");
            }
            untouched++;
            int page = id >>> PAGE_SHIFT;
            if (pages[page] == null) {
                long left = (count + 1L - ((long) page << PAGE_SHIFT)) << SIZE_SHIFT;
                pages[page] = new byte[(int) Math.min(PAGE_BYTES, left)];
                pageBytes += Footprint.array(pages[page].length);
            }
        }
        used++;
        return id;
    }

    /** A chain of {@code length} chunks. */
    int takeChain(int length) {
        int first = take();
        int last = first;
        for (int i = 1; i < length; i++) {
            int id = take();
            next[last] = id;
            last = id;
        }
        return first;
    }

    void give(int id) {
        next[id] = free;
        free = id;
        used--;
    }

    /** Gives back the {@code length} chunks of a chain. */
    void giveChain(int first, int last, int length) {
        next[last] = free;
        free = first;
        used -= length;
    }

    /** Gives back a chain whose last chunk is not known, in as many steps as it has chunks. */
    void giveChain(int first) {
        int id = first;
        while (id != NONE) {
            int following = next[id];
            give(id);
            id = following;
        }
    }

    int next(int id) {
        return next[id];
    }

    void link(int id, int following) {
        next[id] = following;
    }

    /** The array in which a chunk lies, from {@link #base}. */
    byte[] page(int id) {
        return pages[id >>> PAGE_SHIFT];
    }

    static int base(int id) {
        return (id & PAGE_MASK) << SIZE_SHIFT;
    }

    int getInt(int id, int offset) {
        return (int) INT.get(page(id), base(id) + offset);
    }

    void setInt(int id, int offset, int value) {
        INT.set(page(id), base(id) + offset, value);
    }

    long getLong(int id, int offset) {
        return (long) LONG.get(page(id), base(id) + offset);
    }

    void setLong(int id, int offset, long value) {
        LONG.set(page(id), base(id) + offset, value);
    }

    /** Writes bytes into a chain that is long enough, from an offset in its first chunk. */
    void write(int id, int offset, byte[] bytes, int from, int to) {
        int chunk = id;
        int at = offset;
        int position = from;
        while (position < to) {
            if (at == SIZE) {
                chunk = next[chunk];
                at = 0;
            }
            int length = Math.min(SIZE - at, to - position);
            System.arraycopy(bytes, position, page(chunk), base(chunk) + at, length);
            position += length;
            at += length;
        }
    }

    /** Reads {@code length} bytes of a chain, from an offset in its first chunk, into the beginning of an array. */
    void read(int id, int offset, byte[] into, int length) {
        int chunk = id;
        int at = offset;
        int position = 0;
        while (position < length) {
            if (at == SIZE) {
                chunk = next[chunk];
                at = 0;
            }
            int part = Math.min(SIZE - at, length - position);
            System.arraycopy(page(chunk), base(chunk) + at, into, position, part);
            position += part;
            at += part;
        }
    }

    /** Whether the bytes of a chain, from an offset in its first chunk, begin with the given ones. */
    boolean matches(int id, int offset, byte[] bytes, int from, int to) {
        int chunk = id;
        int at = offset;
        int position = from;
        while (position < to) {
            if (at == SIZE) {
                chunk = next[chunk];
                at = 0;
            }
            int part = Math.min(SIZE - at, to - position);
            int start = base(chunk) + at;
            if (!Arrays.equals(page(chunk), start, start + part, bytes, position, position + part)) {
                return false;
            }
            position += part;
            at += part;
        }
        return true;
    }
}
