package io.loggregator.wire.v2;

import io.loggregator.wire.ByteSink;
import io.loggregator.wire.EnvelopeFields;
import io.loggregator.wire.MapWriter;
import io.loggregator.wire.ProtoBytes;

/**
 * Renders envelopes so that all their tags are in one of the two maps, as {@code use_preferred_tags} of a v2 request
 * asks. Most have that form already, and then their bytes can be passed on. Not thread-safe.
 */
public final class TagForm {
    /** More than any envelope that was accepted. */
    private static final int LARGEST = 16 << 20;

    private static final int RECORD = 1 << 3 | ProtoBytes.DELIMITED;

    private final boolean preferred;
    private final MergedTags tags;
    private final ByteSink envelope = new ByteSink(LARGEST);
    private final ByteSink text = new ByteSink(32);

    /** @param preferred whether tags go into {@code tags}, otherwise into {@code deprecated_tags} */
    public TagForm(boolean preferred) {
        this.preferred = preferred;
        this.tags = new MergedTags(preferred);
    }

    /** Whether the envelope has no tag in the other map. */
    public boolean has(byte[] bytes, int from, int to) {
        int other = preferred ? EnvelopeFields.DEPRECATED_TAGS : EnvelopeFields.TAGS;
        int p = from;
        while (p < to) {
            int number = bytes[p];
            int value = p + 1;
            if (number < 8) {
                long tag = ProtoBytes.tag(bytes, p, to);
                if (tag < 0) {
                    return true;
                }
                number = ProtoBytes.low(tag);
                value = ProtoBytes.high(tag);
            }
            if (number == other) {
                return false;
            }
            p = ProtoBytes.skip(bytes, value, to, number, 1);
            if (p < 0) {
                return true;
            }
        }
        return true;
    }

    /**
     * Appends the envelope in {@code bytes[from, to)} in the form, as a record of a batch.
     *
     * @return false, with nothing appended, if its bytes are not sound or it has more than 100,000 tags
     */
    public boolean render(byte[] bytes, int from, int to, ByteSink out) {
        envelope.reset();
        tags.reset(bytes);
        int p = from;
        while (p < to) {
            int start = p;
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int number = ProtoBytes.low(tag);
            p = ProtoBytes.skip(bytes, ProtoBytes.high(tag), to, number, 1);
            if (p < 0) {
                return false;
            }
            if (number == EnvelopeFields.TAGS) {
                if (!tags.tag(valueStart(bytes, tag, to), p)) {
                    return false;
                }
            } else if (number == EnvelopeFields.DEPRECATED_TAGS) {
                if (!tags.deprecatedTag(valueStart(bytes, tag, to), p)) {
                    return false;
                }
            } else {
                envelope.raw(bytes, start, p);
            }
        }
        if (tags.tooMany()) {
            return false;
        }
        for (int i = 0; i < tags.count(); i++) {
            writeTag(bytes, i);
        }
        out.delimited(RECORD, envelope.bytes(), 0, envelope.end());
        return true;
    }

    private static int valueStart(byte[] bytes, long tag, int to) {
        return ProtoBytes.high(ProtoBytes.span(bytes, ProtoBytes.high(tag), to));
    }

    private void writeTag(byte[] bytes, int i) {
        if (!preferred && tags.isDeprecated(i)) {
            envelope.delimited(EnvelopeFields.DEPRECATED_TAGS, bytes, tags.entryStart(i), tags.entryEnd(i));
            return;
        }
        MapWriter map = preferred ? MapWriter.V2_TAGS : MapWriter.V2_DEPRECATED_TAGS;
        if (tags.isText(i)) {
            map.entry(envelope, bytes, tags.keyStart(i), tags.keyEnd(i), bytes, tags.textStart(i), tags.textEnd(i));
        } else {
            tags.number(i, text.reset());
            map.entry(envelope, bytes, tags.keyStart(i), tags.keyEnd(i), text.bytes(), 0, text.end());
        }
    }
}
