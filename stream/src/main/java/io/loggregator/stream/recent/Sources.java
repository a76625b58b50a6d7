package io.loggregator.stream.recent;

/**
 * The sources that are remembered. A source is named by the id of its first chunk, which holds its record and the first
 * bytes of its source id; a longer source id goes on in further chunks of the chain.
 */
final class Sources {
    // The record; each field is owned by the class named.
    private static final int HASH = 0;
    private static final int KEY_LENGTH = 4;
    private static final int CHUNKS = 8;
    static final int LINES = 12; // Lines, to LINES_TAIL_OFFSET
    static final int LINE_CHUNKS = 16;
    static final int LINES_HEAD = 20;
    static final int LINES_HEAD_OFFSET = 24;
    static final int LINES_TAIL = 28;
    static final int LINES_TAIL_OFFSET = 32;
    static final int SIZE_CLASS = 36; // SizeClasses, to WRITTEN
    static final int SIZE_BEFORE = 40;
    static final int SIZE_AFTER = 44;
    static final int WRITTEN = 48;
    static final int IDLE_BUCKET = 52; // IdleWheel, to LAST_SEEN
    static final int IDLE_BEFORE = 56;
    static final int IDLE_AFTER = 60;
    static final int LAST_SEEN = 64;
    static final int METRICS_HEAD = 72; // ContainerMetrics
    static final int METRICS_TAIL = 76;
    private static final int KEY = 80;

    private final Chunks chunks;
    private final HashIndex index;
    private int count;

    Sources(Chunks chunks, HashIndex index) {
        this.chunks = chunks;
        this.index = index;
    }

    /** Chunks of the record of a source whose id has so many bytes. */
    static int recordChunks(int keyLength) {
        return Chunks.forBytes((long) KEY + keyLength);
    }

    int count() {
        return count;
    }

    /** The source with this id, or {@link Chunks#NONE}. */
    int find(byte[] bytes, int from, int to, int hash) {
        int length = to - from;
        for (int slot = index.first(hash); !index.isEmpty(slot); slot = index.after(slot)) {
            int source = index.id(slot);
            // Ids below zero in the shared index are container metrics.
            if (index.hash(slot) == hash
                    && source > 0
                    && chunks.getInt(source, KEY_LENGTH) == length
                    && chunks.matches(source, KEY, bytes, from, to)) {
                return source;
            }
        }
        return Chunks.NONE;
    }

    /** Adds a source with nothing in it; chunks and a place in the index are available. */
    int create(byte[] bytes, int from, int to, int hash) {
        int length = to - from;
        int size = recordChunks(length);
        int source = chunks.takeChain(size);
        for (int field = 0; field < KEY; field += Integer.BYTES) {
            chunks.setInt(source, field, 0);
        }
        chunks.setInt(source, HASH, hash);
        chunks.setInt(source, KEY_LENGTH, length);
        chunks.setInt(source, CHUNKS, size);
        chunks.write(source, KEY, bytes, from, to);
        index.add(hash, source);
        count++;
        return source;
    }

    /** Removes a source that holds neither lines nor metrics. */
    void remove(int source) {
        index.remove(chunks.getInt(source, HASH), source);
        chunks.giveChain(source);
        count--;
    }

    /** All chunks of a source: its record, its lines, its metrics. */
    int size(int source) {
        return chunks.getInt(source, CHUNKS);
    }

    void addSize(int source, int difference) {
        chunks.setInt(source, CHUNKS, size(source) + difference);
    }

    boolean isEmpty(int source) {
        return chunks.getInt(source, LINES) == 0 && chunks.getInt(source, METRICS_HEAD) == Chunks.NONE;
    }
}
