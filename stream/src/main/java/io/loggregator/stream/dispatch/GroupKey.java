package io.loggregator.stream.dispatch;

/**
 * The identity of a group: readers with the same key share one copy of the stream.
 *
 * @param protocol the clients' protocol, for example {@code v1}
 * @param subscription the subscription id the clients chose
 * @param filter what they want of the stream
 */
public record GroupKey(String protocol, String subscription, StreamFilter filter) {}
