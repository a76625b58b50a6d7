package io.loggregator.stream.recent;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The id and the log envelopes of one source, in one array: the id, and a ring behind it. Each envelope lies in one piece
 * behind its length; where the next one does not fit before the end of the array, it goes to the beginning of the ring.
 * The ring never grows or shrinks by itself.
 *
 * <p>With very many sources, what a log costs is what it touches in memory that no cache holds. Hence the one array, the
 * inheritance instead of one more object, and the fields that repeat what the array knows. A source that loses a line
 * for each that comes would touch its oldest line, which no cache holds any more, only to learn its length: so such a
 * source has the lengths of all its lines side by side, too.
 */
abstract class Lines extends Index.Entry {
    private static final VarHandle LENGTH = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final int idLength;
    private byte[] bytes;
    private int size;
    /** Where the oldest line begins. */
    private int head;
    /** Where the next line goes. */
    private int tail;
    /** Where the lines in front of the end of the array stop if newer ones lie at the ring's beginning, otherwise 0. */
    private int end;

    private int count;
    private int stored;
    /** Bytes that the oldest line takes. */
    private int oldestStored;

    /** The lengths of the lines, as a ring, or null. */
    private int[] lengths;
    /** Where in that the oldest line's is. */
    private int oldestLength;

    Lines(byte[] bytes, int from, int to, int hash) {
        super(hash);
        this.idLength = to - from;
        this.bytes = Arrays.copyOfRange(bytes, from, to);
        this.size = idLength;
        this.head = idLength;
        this.tail = idLength;
    }

    /** Bytes that an envelope of this length takes. */
    static long stored(int length) {
        return Integer.BYTES + (long) length;
    }

    final boolean hasId(byte[] other, int from, int to) {
        return to - from == idLength && Arrays.equals(bytes, 0, idLength, other, from, to);
    }

    final int lines() {
        return count;
    }

    /** Bytes that all lines take. */
    final int stored() {
        return stored;
    }

    /** Whether the lengths of the lines lie side by side. */
    final boolean hasLengths() {
        return lengths != null;
    }

    /** From now on has the lengths of the lines side by side, of which there will never be more than so many. */
    final void keepLengths(int mostLines) {
        lengths = new int[mostLines];
        oldestLength = 0;
        int at = head;
        for (int line = 0; line < count; line++) {
            int length = length(at);
            lengths[line] = length;
            at = after(at, length);
        }
    }

    /** Takes the lengths of the lines from the lines again. */
    final void dropLengths() {
        lengths = null;
    }

    /** Bytes on the heap of the lengths that lie side by side, 0 if they do not. */
    final long lengthsFootprint() {
        return lengths == null ? 0 : lengthsFootprint(lengths.length);
    }

    /** What {@link #lengthsFootprint()} is for so many lines. */
    static long lengthsFootprint(int mostLines) {
        return Footprint.array((long) mostLines * Integer.BYTES);
    }

    /** Bytes of the ring. */
    final int capacity() {
        return size - idLength;
    }

    /** Bytes on the heap of the array with a ring of so many bytes. */
    final long arrayFootprint(long capacity) {
        return Footprint.array(idLength + capacity);
    }

    /** Whether the newest line lies in front of the oldest. */
    final boolean wrapped() {
        return end != 0;
    }

    /** Whether the lines take less than a quarter of the ring. */
    final boolean sparse() {
        return stored < capacity() >> 2;
    }

    final boolean hasRoom(long more) {
        return wrapped() ? more <= head - tail : more <= size - tail || more <= head - idLength;
    }

    /** Appends an envelope for which there is room. */
    final void append(byte[] from, int begin, int to) {
        int length = to - begin;
        int more = Integer.BYTES + length;
        if (!wrapped() && more > size - tail) {
            end = tail;
            tail = idLength;
        }
        LENGTH.set(bytes, tail, length);
        System.arraycopy(from, begin, bytes, tail + Integer.BYTES, length);
        if (count == 0) {
            oldestStored = more;
        }
        if (lengths != null) {
            lengths[lengthAt(count)] = length;
        }
        tail += more;
        stored += more;
        count++;
    }

    /** Removes the oldest line, if there is one, and leaves its room to later ones. */
    final void dropOldestLine() {
        if (count == 0) {
            return;
        }
        head += oldestStored;
        stored -= oldestStored;
        count--;
        if (count == 0) {
            head = idLength;
            tail = idLength;
            end = 0;
            return;
        }
        if (head == end) {
            head = idLength;
            end = 0;
        }
        if (lengths == null) {
            oldestStored = Integer.BYTES + length(head);
        } else {
            oldestLength = lengthAt(1);
            oldestStored = Integer.BYTES + lengths[oldestLength];
        }
    }

    /** Moves the lines to a ring of another length that can hold them. */
    final void resize(int capacity) {
        byte[] moved = new byte[idLength + capacity];
        System.arraycopy(bytes, 0, moved, 0, idLength);
        int first = (wrapped() ? end : tail) - head;
        System.arraycopy(bytes, head, moved, idLength, first);
        if (wrapped()) {
            System.arraycopy(bytes, idLength, moved, idLength + first, tail - idLength);
        }
        bytes = moved;
        size = moved.length;
        head = idLength;
        tail = idLength + stored;
        end = 0;
    }

    /** Hands over the newest {@code limit} lines, oldest first. */
    final void readLines(int limit, RecentPast.Sink sink) {
        int at = head;
        for (int rest = count; rest > 0; rest--) {
            int from = at + Integer.BYTES;
            int length = length(at);
            if (rest <= limit) {
                sink.accept(bytes, from, from + length);
            }
            at = after(at, length);
        }
    }

    /** Where the line begins that comes after one of this length. */
    private int after(int at, int length) {
        int to = at + Integer.BYTES + length;
        return to == end ? idLength : to;
    }

    /** Where the length of the line is that comes so many after the oldest. */
    private int lengthAt(int line) {
        int at = oldestLength + line;
        return at < lengths.length ? at : at - lengths.length;
    }

    private int length(int at) {
        return (int) LENGTH.get(bytes, at);
    }
}
