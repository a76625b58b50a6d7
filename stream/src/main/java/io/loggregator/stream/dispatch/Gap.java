package io.loggregator.stream.dispatch;

import io.loggregator.stream.SteadyClock;

/**
 * Envelopes that a reader will not get.
 *
 * @param count how many; 0 if that is not known
 * @param firstMillis when the first had arrived, as {@link SteadyClock#millis}
 * @param lastMillis when the last had arrived
 * @param reason one word, a value of the {@code reason} label of the metrics
 */
public record Gap(long count, long firstMillis, long lastMillis, String reason) {
    /** The log was overwritten before the reader got there. */
    public static final String LAPPED = "lapped";
    /** Of a noisy source, and the reader was so late that the log kept only what quiet ones have, and a share of others. */
    public static final String THINNED = "thinned";
    /** Sent to a client that left without confirming, and no longer in the log. */
    public static final String UNCONFIRMED = "unconfirmed";
    /** Not sent before the Doppler had to stop. */
    public static final String STOPPED = "stopped";
    /** Waited for a group that nobody came back to in time; who comes later is told that there was something. */
    public static final String ABANDONED = "abandoned";
    /** Arrived while there was no link, and no longer in the log. */
    public static final String LINK_DOWN = "link_down";

    /** Some envelopes, nobody knows how many, that came while there was no link. */
    static final Gap UNKNOWN = new Gap(0, 0, 0, LINK_DOWN);

    /** Whether nobody knows how many envelopes are lost. */
    boolean unknown() {
        return count == 0;
    }

    /** Both gaps as one; either may be null. */
    static Gap merge(Gap a, Gap b) {
        if (a == null) {
            return b;
        }
        if (b == null) {
            return a;
        }
        return new Gap(
                a.unknown() || b.unknown() ? 0 : a.count + b.count,
                Math.min(a.firstMillis, b.firstMillis),
                Math.max(a.lastMillis, b.lastMillis),
                a.reason);
    }
}
