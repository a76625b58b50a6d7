package io.loggregator.stream.dispatch;

import io.loggregator.stream.log.Span;
import io.loggregator.stream.selection.Share;

/**
 * Something that was handed to a member and may come back: a range of the log, or word of a gap.
 *
 * @param sequence its number among the member's deliveries; 0 if it was not sent
 * @param from log position before it; for a gap, where the group stood
 * @param to log position after it; for a gap equal to {@code from}
 * @param envelopes how many envelopes of the range are for the member
 * @param bytes what it counts against the member's window
 * @param firstMillis when the first had arrived
 * @param lastMillis when the last had arrived
 * @param gap what is lost, or null for a range
 * @param share which part of the range is for the member
 */
record Delivery(
        long sequence,
        long from,
        long to,
        long envelopes,
        long bytes,
        long firstMillis,
        long lastMillis,
        Gap gap,
        Share share) {
    /** What word of a gap counts, so that a member that confirms nothing is not told of gaps without end. */
    static final long GAP_BYTES = 128;

    static Delivery of(Span span, long envelopes, long bytes, Share share) {
        return new Delivery(
                0, span.from(), span.to(), envelopes, bytes, span.firstMillis(), span.lastMillis(), null, share);
    }

    static Delivery of(Gap gap, long at) {
        return new Delivery(0, at, at, 0, GAP_BYTES, gap.firstMillis(), gap.lastMillis(), gap, Share.ALL);
    }

    Delivery numbered(long newSequence) {
        return new Delivery(newSequence, from, to, envelopes, bytes, firstMillis, lastMillis, gap, share);
    }

    /** The range, of which there is less than there was. */
    Delivery holding(long envelopesLeft, long bytesLeft) {
        return new Delivery(sequence, from, to, envelopesLeft, bytesLeft, firstMillis, lastMillis, gap, share);
    }

    /** What of the range is lost if so much of it, or nothing where that is null, is held; null if it is all there. */
    Gap lost(Delivery held, String reason) {
        long lost = envelopes - (held == null ? 0 : held.envelopes);
        return lost == 0 ? null : new Gap(lost, firstMillis, lastMillis, reason);
    }

    /** This range and the one that follows it, of the same share. */
    Delivery with(Delivery next) {
        return new Delivery(
                0,
                from,
                next.to,
                envelopes + next.envelopes,
                bytes + next.bytes,
                firstMillis,
                next.lastMillis,
                null,
                share);
    }
}
