package io.loggregator.trafficcontroller.subscription;

/**
 * Envelopes that a reader will not get, told at the place where they would have come.
 *
 * @param mark as {@link Piece#mark}
 * @param count how many; 0: nobody knows
 * @param total how many this reader has been told of, these included
 * @param firstMillis when the first had arrived, milliseconds since the Unix epoch; 0: nobody knows
 * @param lastMillis when the last had arrived; 0: nobody knows
 * @param reason {@code lapped}, {@code unconfirmed}, {@code link_down}, {@code stopped} or {@code too_large}
 */
public record Loss(long mark, long count, long total, long firstMillis, long lastMillis, String reason) {}
