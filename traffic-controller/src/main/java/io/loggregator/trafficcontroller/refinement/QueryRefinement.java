package io.loggregator.trafficcontroller.refinement;

import io.loggregator.trafficcontroller.subscription.Refinement;
import io.loggregator.wire.BatchCursor;
import io.loggregator.wire.ProtoBytes;
import io.loggregator.wire.TagFinder;
import java.util.Arrays;
import java.util.List;

/** The filters of one query. Owned by one event loop. */
final class QueryRefinement implements Refinement {
    /** {@code Log.payload}. */
    private static final int PAYLOAD = 1 << 3 | ProtoBytes.DELIMITED;

    private final String identity;
    private final byte[][] instances;
    private final byte[][] sourceTypes;
    private final PayloadPattern pattern;
    private final TagFinder sourceType = new TagFinder(List.of("source_type"));

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

    private boolean hasSourceType(byte[] bytes, int from, int to) {
        sourceType.find(bytes, from, to);
        return sourceType.from(0) >= 0 && isIn(sourceTypes, bytes, sourceType.from(0), sourceType.to(0));
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
