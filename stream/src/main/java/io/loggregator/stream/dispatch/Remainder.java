package io.loggregator.stream.dispatch;

/**
 * What a group did not get from a lane that had to stop.
 *
 * @param attended whether the group has members, who were told
 * @param notSent envelopes that nobody of the group was sent
 * @param unconfirmed envelopes that were sent and not confirmed, which may have arrived
 */
public record Remainder(GroupKey key, boolean attended, long notSent, long unconfirmed) {}
