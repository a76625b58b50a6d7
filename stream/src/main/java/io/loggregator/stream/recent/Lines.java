package io.loggregator.stream.recent;

import static io.loggregator.stream.recent.Sources.LINES;
import static io.loggregator.stream.recent.Sources.LINES_HEAD;
import static io.loggregator.stream.recent.Sources.LINES_HEAD_OFFSET;
import static io.loggregator.stream.recent.Sources.LINES_TAIL;
import static io.loggregator.stream.recent.Sources.LINES_TAIL_OFFSET;
import static io.loggregator.stream.recent.Sources.LINE_CHUNKS;

/**
 * The log envelopes of each source: a chain of chunks, filled at the tail and given back from the head, in which every
 * envelope is preceded by its length as a varint. Lines follow each other without a gap, across chunk borders.
 */
final class Lines {
    private static final int INITIAL_SCRATCH = 1024;

    private final Chunks chunks;
    private final Sources sources;

    Lines(Chunks chunks, Sources sources) {
        this.chunks = chunks;
        this.sources = sources;
    }

    /** Bytes that an envelope of this length takes. */
    static long stored(int length) {
        int prefix = 1;
        for (int rest = length >>> 7; rest != 0; rest >>>= 7) {
            prefix++;
        }
        return prefix + (long) length;
    }

    int count(int source) {
        return chunks.getInt(source, LINES);
    }

    /** Chunks that the lines of a source take. */
    int size(int source) {
        return chunks.getInt(source, LINE_CHUNKS);
    }

    /** Chunks that have to be available before so many stored bytes are appended to a source that exists. */
    int needed(int source, long stored) {
        if (count(source) == 0) {
            return Chunks.forBytes(stored);
        }
        int spare = Chunks.SIZE - chunks.getInt(source, LINES_TAIL_OFFSET);
        return stored <= spare ? 0 : Chunks.forBytes(stored - spare);
    }

    /** Appends an envelope; the chunks {@link #needed} are available. */
    void append(int source, byte[] bytes, int from, int to) {
        int lines = count(source);
        int added = 0;
        int tail;
        int at;
        if (lines == 0) {
            tail = chunks.take();
            added = 1;
            at = 0;
            chunks.setInt(source, LINES_HEAD, tail);
            chunks.setInt(source, LINES_HEAD_OFFSET, 0);
        } else {
            tail = chunks.getInt(source, LINES_TAIL);
            at = chunks.getInt(source, LINES_TAIL_OFFSET);
        }
        int rest = to - from;
        boolean more = true;
        while (more) {
            if (at == Chunks.SIZE) {
                tail = extend(tail);
                added++;
                at = 0;
            }
            more = rest > 0x7F;
            chunks.page(tail)[Chunks.base(tail) + at++] = (byte) (more ? rest | 0x80 : rest);
            rest >>>= 7;
        }
        int position = from;
        while (position < to) {
            if (at == Chunks.SIZE) {
                tail = extend(tail);
                added++;
                at = 0;
            }
            int length = Math.min(Chunks.SIZE - at, to - position);
            System.arraycopy(bytes, position, chunks.page(tail), Chunks.base(tail) + at, length);
            position += length;
            at += length;
        }
        chunks.setInt(source, LINES, lines + 1);
        chunks.setInt(source, LINES_TAIL, tail);
        chunks.setInt(source, LINES_TAIL_OFFSET, at);
        grow(source, added);
    }

    /** Removes the oldest line of a source that has one. */
    void dropOldest(int source) {
        int lines = count(source) - 1;
        if (lines == 0) {
            clear(source);
            return;
        }
        int head = chunks.getInt(source, LINES_HEAD);
        int at = chunks.getInt(source, LINES_HEAD_OFFSET);
        int first = head;
        int last = head;
        int given = 0;
        int length = 0;
        int shift = 0;
        byte part;
        do {
            if (at == Chunks.SIZE) {
                last = head;
                head = chunks.next(head);
                given++;
                at = 0;
            }
            part = chunks.page(head)[Chunks.base(head) + at++];
            length |= (part & 0x7F) << shift;
            shift += 7;
        } while (part < 0);
        // Newer lines follow, so there is always a next chunk.
        while (length >= Chunks.SIZE - at) {
            length -= Chunks.SIZE - at;
            last = head;
            head = chunks.next(head);
            given++;
            at = 0;
        }
        if (given > 0) {
            chunks.giveChain(first, last, given);
        }
        chunks.setInt(source, LINES, lines);
        chunks.setInt(source, LINES_HEAD, head);
        chunks.setInt(source, LINES_HEAD_OFFSET, at + length);
        grow(source, -given);
    }

    /** Removes all lines of a source, in one step however many they are. */
    void clear(int source) {
        int size = size(source);
        if (size > 0) {
            chunks.giveChain(chunks.getInt(source, LINES_HEAD), chunks.getInt(source, LINES_TAIL), size);
            chunks.setInt(source, LINES, 0);
            grow(source, -size);
        }
    }

    /** Hands over the newest {@code limit} lines of a source, oldest first. */
    void read(int source, int limit, RecentPast.Sink sink) {
        int lines = count(source);
        int skipped = Math.max(0, lines - limit);
        int chunk = chunks.getInt(source, LINES_HEAD);
        int at = chunks.getInt(source, LINES_HEAD_OFFSET);
        byte[] scratch = new byte[INITIAL_SCRATCH];
        for (int line = 0; line < lines; line++) {
            int length = 0;
            int shift = 0;
            byte part;
            do {
                if (at == Chunks.SIZE) {
                    chunk = chunks.next(chunk);
                    at = 0;
                }
                part = chunks.page(chunk)[Chunks.base(chunk) + at++];
                length |= (part & 0x7F) << shift;
                shift += 7;
            } while (part < 0);
            if (line >= skipped) {
                if (length > scratch.length) {
                    scratch = new byte[length];
                }
                chunks.read(chunk, at, scratch, length);
                sink.accept(scratch, 0, length);
            }
            while (length > Chunks.SIZE - at) {
                length -= Chunks.SIZE - at;
                chunk = chunks.next(chunk);
                at = 0;
            }
            at += length;
        }
    }

    private int extend(int tail) {
        int added = chunks.take();
        chunks.link(tail, added);
        return added;
    }

    private void grow(int source, int difference) {
        if (difference != 0) {
            chunks.setInt(source, LINE_CHUNKS, size(source) + difference);
            sources.addSize(source, difference);
        }
    }
}
