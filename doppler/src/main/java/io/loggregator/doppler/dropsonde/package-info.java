/**
 * The Doppler's ways in for v1 envelopes without gRPC, as metron used them: signed datagrams, and frames over TCP or TLS.
 * What comes is converted once and given to the lane whose event loop received it.
 */
package io.loggregator.doppler.dropsonde;
