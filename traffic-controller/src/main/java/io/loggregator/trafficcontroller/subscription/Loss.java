package io.loggregator.trafficcontroller.subscription;

import io.loggregator.stream.dispatch.Gap;
import io.loggregator.stream.notice.LossNotice;
import io.loggregator.stream.selection.Selection;

/**
 * Envelopes that a reader will not get, told at the place where they would have come.
 *
 * @param mark as {@link Piece#mark}
 * @param count how many; 0: nobody knows
 * @param total how many this reader has been told of, these included
 * @param firstMillis when the first had arrived, milliseconds since the Unix epoch; 0: nobody knows
 * @param lastMillis when the last had arrived; 0: nobody knows
 * @param reason {@code lapped}, {@code thinned}, {@code unconfirmed}, {@code link_down}, {@code stopped}, {@code
 *     doppler_lost}, {@code abandoned} or {@code too_large}
 */
public record Loss(long mark, long count, long total, long firstMillis, long lastMillis, String reason) {
    /** What came while there was no link, nobody knows how much, and is no longer there. */
    public static Loss linkDown() {
        return unnumbered(0, 0, Gap.LINK_DOWN);
    }

    /**
     * What a Doppler had taken in and not handed over when it was lost, nobody knows how much.
     *
     * @param firstMillis when it was last heard of: a reader that was not behind misses nothing older; 0: nobody knows
     * @param lastMillis when it was known to be lost; 0: nobody knows
     */
    public static Loss dopplerLost(long firstMillis, long lastMillis) {
        return unnumbered(firstMillis, lastMillis, LossNotice.DOPPLER_LOST);
    }

    private static Loss unnumbered(long firstMillis, long lastMillis, String reason) {
        return new Loss(0, 0, 0, firstMillis, lastMillis, reason);
    }

    /** A number, and when they had arrived is not known. */
    public static Loss numbered(long count, String reason) {
        return new Loss(0, count, 0, 0, 0, reason);
    }

    /** Both as one, for losses without a number and with the same reason. */
    public static Loss join(Loss a, Loss b) {
        return new Loss(
                0, 0, 0, Math.min(a.firstMillis, b.firstMillis), Math.max(a.lastMillis, b.lastMillis), a.reason);
    }

    /**
     * Word of it.
     *
     * @param selection what the reader reads
     * @param app the source that it is put under; {@code system} for more than one
     * @param client the reader's address
     */
    public LossNotice notice(Selection selection, String app, String client) {
        return new LossNotice(selection, app, count, total, firstMillis, lastMillis, reason, client);
    }

    /** The same, as this reader is told it. */
    public Loss at(long newMark, long newTotal) {
        return new Loss(newMark, count, newTotal, firstMillis, lastMillis, reason);
    }
}
