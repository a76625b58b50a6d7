package io.loggregator.trafficcontroller.fanout;

import io.loggregator.stream.LastLoss;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is known of one client at one moment.
 *
 * @param endpoint through which it reads: {@code firehose}, {@code stream} (of an app), {@code stream.v2}, {@code rlp} or
 *     {@code gateway}
 * @param subscription the id that it shares a copy of the stream by; empty if it shares with nobody
 * @param app whose stream it reads, if it is an app's; else empty
 * @param selection what it wants, for people; empty of an app's stream
 * @param remote its address
 * @param connectedMillis since when it is there, milliseconds since the epoch
 * @param delivered envelopes that were written to it
 * @param lost envelopes that it was told it lost
 * @param unnumberedLosses how often it was told of a loss without a number
 * @param lastLoss the last occasion on which it was told of one, by when that was; empty: it never was
 * @param lagNotices how often it was told that it lags
 * @param lastLagMillis when that was last, milliseconds since the epoch; empty: it never was
 * @param waitingBytes bytes that wait for it here: not written yet, or written and not taken
 */
public record ClientStanding(
        String endpoint,
        String subscription,
        String app,
        String selection,
        String remote,
        long connectedMillis,
        long delivered,
        long lost,
        long unnumberedLosses,
        Optional<LastLoss> lastLoss,
        long lagNotices,
        OptionalLong lastLagMillis,
        long waitingBytes) {}
