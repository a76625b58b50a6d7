package io.loggregator.wire;

/** Cuts the bytes of a batch between envelopes. A piece of a batch is a batch. */
public final class BatchSplitter {
    private BatchSplitter() {}

    /**
     * The end of the longest piece that starts at {@code from} and is not above {@code maxBytes}. A single envelope
     * above it is a piece by itself; {@code to} if everything fits.
     *
     * @return an offset above {@code from}, or {@link ProtoBytes#UNSOUND} if the bytes up to there are not soundly
     *     framed; {@code to} if the range is empty
     */
    public static int pieceEnd(byte[] bytes, int from, int to, int maxBytes) {
        if (to - from <= maxBytes) {
            return to;
        }
        int p = from;
        while (p < to) {
            long tag = ProtoBytes.tag(bytes, p, to);
            if (tag < 0) {
                return ProtoBytes.UNSOUND;
            }
            int next = ProtoBytes.skip(bytes, ProtoBytes.high(tag), to, ProtoBytes.low(tag), 0);
            if (next < 0) {
                return ProtoBytes.UNSOUND;
            }
            if (next - from > maxBytes) {
                return p == from ? next : p;
            }
            p = next;
        }
        return to;
    }
}
