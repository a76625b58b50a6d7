/** A server's own metrics as envelopes, by the names that dashboards have for them, for the stream that it serves. */
package io.loggregator.stream.own;
