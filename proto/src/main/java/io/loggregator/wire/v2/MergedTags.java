package io.loggregator.wire.v2;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.KeyIndex;
import io.loggregator.wire.TagEntries;
import io.loggregator.wire.TagEntry;
import java.util.Arrays;

/** Both tag maps of one envelope as one: each key once, with the value that the form of the output gives preference. */
final class MergedTags implements TagEntries {
    /** More than an envelope of 10 MiB with sensible tags has. */
    private static final int MOST_TAGS = 100_000;

    private static final byte[] NOTHING = {};

    private final boolean deprecatedWins;
    private final KeyIndex keys = new KeyIndex(MOST_TAGS);
    private final TagEntry entry = new TagEntry();
    private byte[] bytes = NOTHING;
    private boolean tooMany;
    private boolean[] deprecated = new boolean[16];
    private int[] types = new int[16];
    private int[] from = new int[16];
    private int[] to = new int[16];
    private long[] numbers = new long[16];
    private int[] entryFrom = new int[16];
    private int[] entryTo = new int[16];

    MergedTags(boolean deprecatedWins) {
        this.deprecatedWins = deprecatedWins;
    }

    @Override
    public void reset(byte[] envelope) {
        bytes = envelope;
        keys.reset(envelope);
        tooMany = false;
    }

    @Override
    public boolean tag(int start, int end) {
        return entry.readTag(bytes, start, end) && entry.isUtf8() && put(false, start, end);
    }

    @Override
    public boolean deprecatedTag(int start, int end) {
        if (!entry.readDeprecatedTag(bytes, start, end) || !entry.isUtf8()) {
            return false;
        }
        // A value without data says nothing that could take the place of a tag.
        return (entry.type() == TagEntry.NONE && deprecatedWins) || put(true, start, end);
    }

    private boolean put(boolean isDeprecated, int start, int end) {
        int before = keys.count();
        int i = keys.number(entry.keyStart(), entry.keyEnd());
        if (i < 0) {
            tooMany = true;
            return true;
        }
        if (i == types.length) {
            grow();
        }
        if (i < before && deprecated[i] != isDeprecated && deprecated[i] == deprecatedWins) {
            return true;
        }
        deprecated[i] = isDeprecated;
        types[i] = entry.type();
        from[i] = entry.textStart();
        to[i] = entry.textEnd();
        numbers[i] = entry.integer();
        entryFrom[i] = start;
        entryTo[i] = end;
        return true;
    }

    private void grow() {
        int room = types.length * 2;
        deprecated = Arrays.copyOf(deprecated, room);
        types = Arrays.copyOf(types, room);
        from = Arrays.copyOf(from, room);
        to = Arrays.copyOf(to, room);
        numbers = Arrays.copyOf(numbers, room);
        entryFrom = Arrays.copyOf(entryFrom, room);
        entryTo = Arrays.copyOf(entryTo, room);
    }

    /** Whether there were more than are kept. */
    boolean tooMany() {
        return tooMany;
    }

    int count() {
        return keys.count();
    }

    int keyStart(int i) {
        return keys.start(i);
    }

    int keyEnd(int i) {
        return keys.end(i);
    }

    /** Whether the value is a text, which lies in the envelope. */
    boolean isText(int i) {
        return types[i] == TagEntry.TEXT;
    }

    int textStart(int i) {
        return from[i];
    }

    int textEnd(int i) {
        return to[i];
    }

    /** Whether it comes from {@code deprecated_tags}. */
    boolean isDeprecated(int i) {
        return deprecated[i];
    }

    /** Where the entry lies that it comes from. */
    int entryStart(int i) {
        return entryFrom[i];
    }

    int entryEnd(int i) {
        return entryTo[i];
    }

    /** Writes the value that is no text as the text that stands for it. */
    void number(int i, ByteSink out) {
        if (types[i] == TagEntry.INTEGER) {
            out.digits(numbers[i]);
        } else if (types[i] == TagEntry.DECIMAL) {
            GoDouble.text(Double.longBitsToDouble(numbers[i]), out);
        }
    }
}
