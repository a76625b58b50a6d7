package io.loggregator.stream.dispatch;

/**
 * Something that was handed to a member and may come back: a range of the log, or word of a gap.
 *
 * @param sequence its number among the member's deliveries
 * @param from log position before it; for a gap, where the group stood
 * @param to log position after it; for a gap equal to {@code from}
 * @param envelopes how many envelopes of the range the group wants
 * @param firstMillis when the first had arrived
 * @param lastMillis when the last had arrived
 * @param gap what is lost, or null for a range
 */
record Delivery(long sequence, long from, long to, long envelopes, long firstMillis, long lastMillis, Gap gap) {
    /** What word of a gap counts, so that a member that confirms nothing is not told of gaps without end. */
    static final long GAP_BYTES = 128;

    /** What it counts against a member's window. */
    long bytes() {
        return gap == null ? to - from : GAP_BYTES;
    }

    Delivery numbered(long newSequence) {
        return new Delivery(newSequence, from, to, envelopes, firstMillis, lastMillis, gap);
    }
}
