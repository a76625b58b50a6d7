/**
 * What nozzles are written with: {@link io.loggregator.nozzle.Nozzle} reads a firehose or an app's stream, hands its
 * envelopes on in batches, and acknowledges what has been handled.
 */
package io.loggregator.nozzle;
