/**
 * How many log lines a Doppler takes of one source, or of all that bear one value of a tag, a second. What exceeds that is
 * left out at the door, counted, and told in the stream of the source.
 */
package io.loggregator.doppler.limit;
