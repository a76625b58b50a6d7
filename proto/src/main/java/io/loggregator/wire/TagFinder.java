package io.loggregator.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the texts of a few tags of an envelope where they lie. Where a tag occurs more than once, the last one in {@code tags}
 * counts, and only without one there the last in {@code deprecated_tags}. Reused; not thread-safe.
 */
public final class TagFinder {
    private final byte[][] keys;
    private final boolean[] preferred;
    private final int[] from;
    private final int[] to;
    private final TagEntry entry = new TagEntry();

    public TagFinder(List<String> keys) {
        this.keys =
                keys.stream().map(key -> key.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        this.preferred = new boolean[keys.size()];
        this.from = new int[keys.size()];
        this.to = new int[keys.size()];
    }

    /** Looks through the fields of an envelope that lies at {@code bytes[start, end)}; bytes that are not sound end it. */
    public void find(byte[] bytes, int start, int end) {
        Arrays.fill(preferred, false);
        Arrays.fill(from, -1);
        int p = start;
        while (p < end) {
            long tag = ProtoBytes.tag(bytes, p, end);
            if (tag < 0) {
                return;
            }
            int value = ProtoBytes.high(tag);
            int field = ProtoBytes.low(tag);
            p = ProtoBytes.skip(bytes, value, end, field, 0);
            if (p < 0) {
                return;
            }
            boolean inTags = field == EnvelopeFields.TAGS;
            if (inTags || field == EnvelopeFields.DEPRECATED_TAGS) {
                look(bytes, ProtoBytes.high(ProtoBytes.span(bytes, value, end)), p, inTags);
            }
        }
    }

    private void look(byte[] bytes, int start, int end, boolean inTags) {
        if (!(inTags ? entry.readTag(bytes, start, end) : entry.readDeprecatedTag(bytes, start, end))) {
            return;
        }
        for (int key = 0; key < keys.length; key++) {
            byte[] wanted = keys[key];
            if ((inTags || !preferred[key])
                    && Arrays.equals(wanted, 0, wanted.length, bytes, entry.keyStart(), entry.keyEnd())) {
                preferred[key] = inTags;
                from[key] = entry.type() == TagEntry.TEXT ? entry.textStart() : -1;
                to[key] = entry.textEnd();
            }
        }
    }

    /** Where the text of a tag begins, by its place among the keys; -1 if the envelope has none. */
    public int from(int key) {
        return from[key];
    }

    /** Where it ends, if there is one. */
    public int to(int key) {
        return to[key];
    }
}
