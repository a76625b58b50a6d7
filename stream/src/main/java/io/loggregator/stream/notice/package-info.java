/** The envelopes that tell a subscriber, in its own stream, what it did not get. */
package io.loggregator.stream.notice;
