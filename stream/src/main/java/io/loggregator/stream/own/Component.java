package io.loggregator.stream.own;

/**
 * Who a server's own envelopes come from.
 *
 * @param origin their {@code origin} tag, for example {@code loggregator.doppler}
 * @param sourceId their source id, for example {@code doppler}
 * @param instanceId tells apart the servers that play the same part; may be empty
 */
public record Component(String origin, String sourceId, String instanceId) {}
