package io.loggregator.stream.notice;

import io.loggregator.wire.v2.EnvelopeWriter;

/**
 * Word of log lines that a Doppler did not take in because a rate limit had been reached: a line in the stream of the source
 * that they were of, for everybody who reads that, in the words that readers of v1 look for.
 *
 * @param source whose lines they were
 * @param count how many, since the last such notice
 * @param total how many of this source so far
 * @param firstMillis when the first of them had arrived, milliseconds since the Unix epoch
 * @param lastMillis when the last of them had arrived
 * @param limit the limit as it is to be shown, the last one that had been reached
 */
public record RateNotice(String source, long count, long total, long firstMillis, long lastMillis, String limit) {
    /** The value of the tag {@code loss_reason}. */
    public static final String REASON = "rate_limited";

    /** The notice as batch bytes with one envelope. */
    public byte[] v2() {
        EnvelopeWriter batch = new EnvelopeWriter();
        LossNotice.begin(batch, source, LgrLine.ORIGIN, count, REASON, firstMillis, lastMillis)
                .tag("source_type", LgrLine.SOURCE_TYPE)
                .errorLog(LossNotice.dropped(count, total) + " by a limit of " + limit + ".");
        return batch.batch();
    }
}
