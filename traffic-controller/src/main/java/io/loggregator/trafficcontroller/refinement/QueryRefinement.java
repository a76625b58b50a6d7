package io.loggregator.trafficcontroller.refinement;

import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.EnvelopeFields;
import io.loggregator.wire.ProtoBytes;
import io.loggregator.wire.TagEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The filters of one query. Owned by one event loop. */
final class QueryRefinement implements Refinement {
    private static final byte[] SOURCE_TYPE = "source_type".getBytes(StandardCharsets.UTF_8);
    /** {@code Log.payload}. */
    private static final int PAYLOAD = 1 << 3 | ProtoBytes.DELIMITED;

    private final String identity;
    private final byte[][] instances;
    private final byte[][] sourceTypes;
    private final PayloadPattern pattern;
    private final TagEntry entry = new TagEntry();

    /**
     * @param instances of which an envelope must have one; empty: any
     * @param sourceTypes of which a log line must have one; empty: any
     * @param patternOrNull that must be found in a log line
     */
    QueryRefinement(String identity, byte[][] instances, byte[][] sourceTypes, PayloadPattern patternOrNull) {
        this.identity = identity;
        this.instances = instances;
        this.sourceTypes = sourceTypes;
        this.pattern = patternOrNull;
    }

    @Override
    public String identity() {
        return identity;
    }

    @Override
    public boolean takes(BatchCursor cursor) {
        byte[] bytes = cursor.bytes();
        if (instances.length > 0 && !isIn(instances, bytes, cursor.instanceIdStart(), cursor.instanceIdEnd())) {
            return false;
        }
        if (cursor.kind() != BatchCursor.LOG) {
            return true;
        }
        return (sourceTypes.length == 0 || hasSourceType(bytes, cursor.envelopeStart(), cursor.envelopeEnd()))
                && (pattern == null || matches(bytes, cursor.messageStart(), cursor.messageEnd()));
    }

    private static boolean isIn(byte[][] wanted, byte[] bytes, int from, int to) {
        for (byte[] value : wanted) {
            if (Arrays.equals(value, 0, value.length, bytes, from, to)) {
                return true;
            }
        }
        return false;
    }

    /** Looks at the tags in both forms; where the source type stands more than once, the last in the preferred form counts. */
    private boolean hasSourceType(byte[] bytes, int from, int to) {
        boolean wanted = false;
        boolean preferred = false;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int start = ProtoBytes.high(tag);
            int field = ProtoBytes.low(tag);
            p = ProtoBytes.skip(bytes, start, to, field, 0);
            if (p < 0) {
                return false;
            }
            boolean inTags = field == EnvelopeFields.TAGS;
            if ((inTags || (field == EnvelopeFields.DEPRECATED_TAGS && !preferred))
                    && isSourceType(bytes, start, to, inTags)) {
                wanted = entry.type() == TagEntry.TEXT && isIn(sourceTypes, bytes, entry.textStart(), entry.textEnd());
                preferred = inTags;
            }
        }
        return wanted;
    }

    private boolean isSourceType(byte[] bytes, int at, int to, boolean inTags) {
        long span = ProtoBytes.span(bytes, at, to);
        boolean read = inTags
                ? entry.readTag(bytes, ProtoBytes.high(span), ProtoBytes.low(span))
                : entry.readDeprecatedTag(bytes, ProtoBytes.high(span), ProtoBytes.low(span));
        return read && Arrays.equals(SOURCE_TYPE, 0, SOURCE_TYPE.length, bytes, entry.keyStart(), entry.keyEnd());
    }

    private boolean matches(byte[] bytes, int from, int to) {
        int payload = from;
        int end = from;
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return false;
            }
            int start = ProtoBytes.high(tag);
            p = ProtoBytes.skip(bytes, start, to, ProtoBytes.low(tag), 0);
            if (p < 0) {
                return false;
            }
            if (ProtoBytes.low(tag) == PAYLOAD) {
                payload = ProtoBytes.high(ProtoBytes.span(bytes, start, to));
                end = p;
            }
        }
        return pattern.isIn(bytes, payload, end);
    }
}
