package io.loggregator.wire.v1;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.KeyIndex;
import io.loggregator.wire.MapWriter;
import io.loggregator.wire.TagEntries;
import io.loggregator.wire.TagEntry;
import java.util.Arrays;

/**
 * The tags of one envelope: for each key what {@code tags} and what {@code deprecated_tags} say, the last occurrence
 * each. Where one field is looked up the preferred value stands; in the map of all tags the deprecated one does.
 */
final class TagTable implements TagEntries {
    private static final int ABSENT = -1;

    private final TagEntry entry = new TagEntry();
    private final KeyIndex keys;
    private final ByteSink numbers;
    private final int[] numberOf = new int[KnownTag.COUNT];

    private byte[] bytes = {};
    private int[] known = new int[16];
    private int[] preferredStart = new int[16];
    private int[] preferredEnd = new int[16];
    private int[] deprecatedType = new int[16];
    private int[] deprecatedStart = new int[16];
    private int[] deprecatedEnd = new int[16];
    private boolean tooMany;

    private byte[] source = bytes;
    private int start;
    private int end;

    /** @param limit bytes; tags that do not fit an envelope of this size need not be kept apart */
    TagTable(int limit) {
        // An entry takes seven bytes and more.
        keys = new KeyIndex(limit / 7 + 1);
        numbers = new ByteSink(limit);
    }

    @Override
    public void reset(byte[] envelope) {
        bytes = envelope;
        keys.reset(envelope);
        numbers.reset();
        Arrays.fill(numberOf, ABSENT);
        tooMany = false;
    }

    @Override
    public boolean tag(int from, int to) {
        if (!entry.readTag(bytes, from, to) || !entry.isUtf8()) {
            return false;
        }
        int i = number();
        if (i >= 0) {
            preferredStart[i] = entry.textStart();
            preferredEnd[i] = entry.textEnd();
        }
        return true;
    }

    @Override
    public boolean deprecatedTag(int from, int to) {
        if (!entry.readDeprecatedTag(bytes, from, to) || !entry.isUtf8()) {
            return false;
        }
        int i = number();
        if (i >= 0) {
            deprecatedType[i] = entry.type();
            if (entry.type() == TagEntry.TEXT) {
                deprecatedStart[i] = entry.textStart();
                deprecatedEnd[i] = entry.textEnd();
            } else if (entry.type() != TagEntry.NONE) {
                deprecatedStart[i] = numbers.end();
                if (entry.type() == TagEntry.INTEGER) {
                    numbers.digits(entry.integer());
                } else {
                    DecimalText.write(entry.decimal(), numbers);
                }
                deprecatedEnd[i] = numbers.end();
            }
        }
        return true;
    }

    private int number() {
        int tag = KnownTag.of(bytes, entry.keyStart(), entry.keyEnd());
        if (tag != KnownTag.UNKNOWN && numberOf[tag] != ABSENT) {
            return numberOf[tag];
        }
        int before = keys.count();
        int i = keys.number(entry.keyStart(), entry.keyEnd());
        if (i < 0) {
            tooMany = true;
        } else if (i == before) {
            grow(i);
            known[i] = tag;
            preferredStart[i] = ABSENT;
            deprecatedType[i] = ABSENT;
            if (tag != KnownTag.UNKNOWN) {
                numberOf[tag] = i;
            }
        }
        return i;
    }

    private void grow(int i) {
        if (i >= known.length || (known.length > 1024 && i == 0)) {
            int size = i == 0 ? 16 : 2 * i;
            known = Arrays.copyOf(known, size);
            preferredStart = Arrays.copyOf(preferredStart, size);
            preferredEnd = Arrays.copyOf(preferredEnd, size);
            deprecatedType = Arrays.copyOf(deprecatedType, size);
            deprecatedStart = Arrays.copyOf(deprecatedStart, size);
            deprecatedEnd = Arrays.copyOf(deprecatedEnd, size);
        }
    }

    /** Whether the tags alone are more than the limit. */
    boolean tooMany() {
        return tooMany || numbers.full();
    }

    /** Finds the value of a known tag: false if there is none; then the value is empty. */
    boolean find(int tag) {
        int i = numberOf[tag];
        start = 0;
        end = 0;
        if (i == ABSENT) {
            return false;
        }
        if (preferredStart[i] != ABSENT) {
            preferred(i);
        } else if (deprecatedType[i] != TagEntry.NONE) {
            deprecated(i);
        }
        return true;
    }

    private void preferred(int i) {
        source = bytes;
        start = preferredStart[i];
        end = preferredEnd[i];
    }

    private void deprecated(int i) {
        source = deprecatedType[i] == TagEntry.TEXT ? bytes : numbers.bytes();
        start = deprecatedStart[i];
        end = deprecatedEnd[i];
    }

    /** The bytes that the value found lies in. */
    byte[] source() {
        return source;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    /** Writes the value of a known tag, empty if there is none. */
    void write(int tag, int field, ByteSink out) {
        find(tag);
        out.delimited(field, source, start, end);
    }

    /** Walks the map of all tags but those whose bits are set in {@code without}. */
    void writeAll(int without, MapWriter writer, ByteSink out) {
        for (int i = 0; i < keys.count(); i++) {
            if (known[i] != KnownTag.UNKNOWN && (without >>> known[i] & 1) != 0) {
                continue;
            }
            if (deprecatedType[i] > TagEntry.NONE) {
                deprecated(i);
            } else if (preferredStart[i] != ABSENT) {
                preferred(i);
            } else {
                continue;
            }
            writer.entry(out, bytes, keys.start(i), keys.end(i), source, start, end);
        }
    }
}
