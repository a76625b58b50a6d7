package io.loggregator.stream.recent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The log envelopes of one source, in a ring of bytes. Each lies in one piece behind its length; where the next one does
 * not fit before the end of the array, it goes to the beginning. The ring never grows or shrinks by itself.
 */
final class Lines {
    private static final VarHandle LENGTH = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
    private static final byte[] EMPTY = {};

    private byte[] ring = EMPTY;
    /** Where the oldest line begins. */
    private int head;
    /** Where the next line goes. */
    private int tail;
    /** Where the lines in front of the end of the array stop if newer ones lie at its beginning, otherwise 0. */
    private int end;

    private int count;
    private int stored;

    /** Bytes that an envelope of this length takes. */
    static long stored(int length) {
        return Integer.BYTES + (long) length;
    }

    int count() {
        return count;
    }

    /** Bytes that all lines take. */
    int stored() {
        return stored;
    }

    int capacity() {
        return ring.length;
    }

    /** Bytes on the heap, apart from this object; there is no array of no bytes. */
    long footprint() {
        return footprint(ring.length);
    }

    static long footprint(long capacity) {
        return capacity == 0 ? 0 : Footprint.array(capacity);
    }

    /** Whether the newest line lies in front of the oldest. */
    boolean wrapped() {
        return end != 0;
    }

    boolean hasRoom(long more) {
        return wrapped() ? more <= head - tail : more <= ring.length - tail || more <= head;
    }

    /** Whether the lines take less than a quarter of the ring. */
    boolean sparse() {
        return stored < ring.length >> 2;
    }

    /** Appends an envelope for which there is room. */
    void append(byte[] bytes, int from, int to) {
        int length = to - from;
        int more = Integer.BYTES + length;
        if (!wrapped() && more > ring.length - tail) {
            end = tail;
            tail = 0;
        }
        LENGTH.set(ring, tail, length);
        System.arraycopy(bytes, from, ring, tail + Integer.BYTES, length);
        tail += more;
        stored += more;
        count++;
    }

    /** Removes the oldest line, if there is one, and leaves its room to later ones. */
    void dropOldest() {
        if (count == 0) {
            return;
        }
        int gone = Integer.BYTES + length(head);
        head += gone;
        stored -= gone;
        count--;
        if (count == 0) {
            head = 0;
            tail = 0;
            end = 0;
        } else if (head == end) {
            head = 0;
            end = 0;
        }
    }

    /** Moves the lines to an array of another length that can hold them. */
    void resize(int capacity) {
        byte[] moved = capacity == 0 ? EMPTY : new byte[capacity];
        int first = (wrapped() ? end : tail) - head;
        System.arraycopy(ring, head, moved, 0, first);
        if (wrapped()) {
            System.arraycopy(ring, 0, moved, first, tail);
        }
        ring = moved;
        head = 0;
        tail = stored;
        end = 0;
    }

    /** Hands over the newest {@code limit} lines, oldest first. */
    void read(int limit, RecentPast.Sink sink) {
        int at = head;
        for (int rest = count; rest > 0; rest--) {
            int from = at + Integer.BYTES;
            int to = from + length(at);
            if (rest <= limit) {
                sink.accept(ring, from, to);
            }
            at = to == end ? 0 : to;
        }
    }

    private int length(int at) {
        return (int) LENGTH.get(ring, at);
    }
}
