package io.loggregator.wire;

/** The outermost layer of a batch: whether its fields follow each other without a gap or an overhang. */
public final class BatchFraming {
    private static final int BATCH_FIELD = 1;

    private BatchFraming() {}

    /**
     * Whether {@code bytes[from, to)} is soundly framed: every field 1 is length-delimited and lies within, other
     * fields can be skipped. What lies inside the envelopes is not looked at.
     */
    public static boolean sound(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            long tag = ProtoBytes.tag(bytes, at, to);
            if (tag < 0) {
                return false;
            }
            int field = ProtoBytes.low(tag);
            if (field >>> 3 == BATCH_FIELD && (field & 7) != ProtoBytes.DELIMITED) {
                return false;
            }
            at = ProtoBytes.skip(bytes, ProtoBytes.high(tag), to, field, 0);
            if (at < 0) {
                return false;
            }
        }
        return true;
    }
}
