/**
 * From the log to the links. A {@link io.loggregator.stream.dispatch.Lane} owns one log and everybody who reads it:
 * groups of firehose clients and, for each link, the tails behind it. It hands each batch to a link at most once,
 * however many of them want it, keeps what is out until it is confirmed, takes back what was not, and counts what the
 * log no longer held. No sockets: a link is an {@link io.loggregator.stream.dispatch.Outlet}.
 */
package io.loggregator.stream.dispatch;
