package io.loggregator.nozzle;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A place in the stream at which envelopes are missing.
 *
 * @param count how many; empty: nobody knows
 * @param first when the first of them had arrived at the platform, if that is known
 * @param last when the last of them had arrived, if that is known
 * @param reason one word: {@code lapped} (the nozzle was so slow that the platform's memory was overwritten), {@code
 *     thinned} (it was so slow that the sources which send most had to give way to the others), {@code unconfirmed} (they had
 *     been sent and not acknowledged, and may have arrived), {@code link_down}, {@code stopped}, {@code doppler_lost} (a server
 *     is gone with what it had not handed over), {@code abandoned} (nobody read for longer than the subscription waits), or one that is newer than this library; {@code slow}, or {@code
 *     link_down} without a count, where a server of the first protocol gives no reason
 */
public record Gap(OptionalLong count, Optional<Instant> first, Optional<Instant> last, String reason) {}
